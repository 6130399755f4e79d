#pragma once
/// DKIM-Signature fields, read strictly before libopendkim sees them: it aborts on some malformed
/// ones and reads beyond the end of others.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/transaction.hpp"

namespace milterd::dkim {

enum class Algorithm : std::uint8_t { rsa_sha256, ed25519_sha256, rsa_sha1 };

/// "rsa-sha256", ...
const char* to_string(Algorithm algorithm);

/// RFC 6376 section 3.5. Of a malformed field, what could be read.
struct SignatureHeader {
  std::string domain;     ///< d=; "" where it is no domain name.
  std::string selector;   ///< s=; likewise.
  std::string identity;   ///< i= as written, or "".
  std::string algorithm;  ///< a= as written.
  std::string signature;  ///< b= without white space.
  Algorithm known_algorithm = Algorithm::rsa_sha256;
  std::optional<std::uint64_t> time;    ///< t=, seconds since 1970.
  std::optional<std::uint64_t> expiry;  ///< x=
  /// "" where libopendkim may have it, else what is wrong with it, for people.
  std::string fault;

  /// "selector._domainkey.domain" in lower case: where its key is.
  std::string key_name() const;
};

/// `value` is what follows the colon.
SignatureHeader read_signature_header(std::string_view value);

/// The signatures of one message.
struct Signatures {
  struct Entry {
    std::size_t field;  ///< Position in the header that was searched.
    SignatureHeader header;
  };
  /// In message order: at most most_verified without a fault and as many with one.
  std::vector<Entry> entries;
  std::size_t skipped = 0;                   ///< More than that; not looked at.
  std::vector<std::string> skipped_domains;  ///< Of the first few skipped, where readable.

  static constexpr std::size_t most_verified = 10;
};

/// The name without the blanks that an obsolete "Name : value" has before its colon.
std::string_view trimmed_name(const HeaderField& field);

bool is_signature_field(const HeaderField& field);

Signatures find_signatures(std::span<const HeaderField> headers);

}  // namespace milterd::dkim
