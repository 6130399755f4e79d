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
  std::string domain;           ///< d=; "" where it is no domain name.
  std::string selector;         ///< s=; likewise.
  std::string identity;         ///< i= as written, or "".
  std::string algorithm;        ///< a= as written.
  std::string signature;        ///< b= without white space.
  std::string body_hash;        ///< bh=; likewise, and all that follows.
  std::string signed_headers;   ///< h=: names with colons between them.
  bool relaxed_header = false;  ///< c=, else simple.
  bool relaxed_body = false;
  std::optional<std::uint64_t> length;  ///< l=
  Algorithm known_algorithm = Algorithm::rsa_sha256;
  std::optional<std::uint64_t> time;    ///< t=, seconds since 1970.
  std::optional<std::uint64_t> expiry;  ///< x=
  /// "" where libopendkim may have it, else what is wrong with it, for people.
  std::string fault;

  /// "selector._domainkey.domain" in lower case: where its key is.
  std::string key_name() const;
  /// How often h= names the field.
  std::size_t times_signed(std::string_view name) const;
};

/// `value` is what follows the colon.
SignatureHeader read_signature_header(std::string_view value);

/// How much of a message is looked at.
struct SignatureLimits {
  std::size_t signatures = 10;  ///< Sound ones, and as many malformed ones.
  std::size_t domains = 10;     ///< Different d= of sound ones.
};

/// The signatures of one message.
struct Signatures {
  struct Entry {
    std::size_t field;  ///< Position in the header that was searched.
    SignatureHeader header;
  };
  std::vector<Entry> entries;        ///< In message order, within the limits.
  std::size_t skipped = 0;           ///< Beyond the limits; not looked at.
  std::vector<Entry> named_skipped;  ///< The first few of those.
};

/// The name without the blanks that an obsolete "Name : value" has before its colon.
std::string_view trimmed_name(const HeaderField& field);

bool is_signature_field(const HeaderField& field);

Signatures find_signatures(std::span<const HeaderField> headers, SignatureLimits limits = {});

}  // namespace milterd::dkim
