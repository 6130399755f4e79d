#pragma once
/// What DNS has at the name of a key, read for people: every fault with what to do about it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/resolver.hpp"
#include "milterd/result.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

/// A public key, the same for all spellings of one key.
struct PublicKey {
  Algorithm algorithm = Algorithm::rsa_sha256;
  std::size_t bits = 0;
  std::string material;  ///< RSA: SubjectPublicKeyInfo in DER; Ed25519: its 32 bytes.
};

/// A key record (RFC 6376 section 3.6.1) with which a signature can be verified.
struct UsableRecord {
  PublicKey key;
  std::vector<std::string> notes;  ///< What is legal, but worth knowing: flags, a weak key, ...
};

/// Error: why no signature can be verified with it.
Result<UsableRecord> read_key_record(std::string_view text);

struct PublishedRecord {
  enum class Status : std::uint8_t { usable, unusable, missing, unknown };
  Status status = Status::unknown;
  std::string fault;    ///< Unless usable: what is wrong.
  UsableRecord record;  ///< If usable.
};

/// Of several records the one that says v=DKIM1, if it is the only one.
PublishedRecord read_published_record(const TxtAnswer& answer);

}  // namespace milterd::dkim
