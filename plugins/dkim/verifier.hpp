#pragma once
/// What cryptography says of a message's signatures. What to think of it is signature_policy.hpp's.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"
#include "plugins/dkim/key_record.hpp"
#include "plugins/dkim/opendkim.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

struct SignatureFacts {
  enum class Outcome : std::uint8_t {
    verified,
    header_differs,  ///< b= does not fit the header fields that h= names, or the key.
    body_differs,    ///< bh= does not fit the body.
    key_missing,
    key_temporary,
    unusable,  ///< The signature or its key record is malformed, revoked or contradictory.
  };
  Outcome outcome = Outcome::unusable;
  std::string reason;               ///< Unless verified; for people.
  std::size_t key_bits = 0;         ///< 0 where no key was used.
  bool test_key = false;            ///< t=y in the key record.
  std::uint64_t unsigned_body = 0;  ///< Bytes of the canonical body beyond l=.
};

/// Thread-safe.
class Verifier {
 public:
  static Result<Verifier> open();

  /// One fact for each of `signatures`; `keys` has the key record of each, and is not looked at for
  /// those with a fault. Error: libopendkim failed, or the deadline has passed.
  Result<std::vector<SignatureFacts>> verify(std::span<const HeaderField> headers,
                                             std::string_view body, const Signatures& signatures,
                                             std::span<const KeyRecord> keys,
                                             std::chrono::steady_clock::time_point deadline) const;

 private:
  explicit Verifier(LibraryHandle library) : library_(std::move(library)) {}

  LibraryHandle library_;
};

}  // namespace milterd::dkim
