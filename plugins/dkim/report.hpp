#pragma once
/// Signatures as others read them: Authentication-Results, the report of a message, the log.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/auth_result.hpp"
#include "milterd/value.hpp"
#include "plugins/dkim/decision.hpp"
#include "plugins/dkim/signature_header.hpp"
#include "plugins/dkim/verifying/key_record.hpp"

namespace milterd::dkim {

struct ReportedSignature {
  std::string domain;
  std::string selector;
  std::string identity;  ///< i= as written, or "".
  std::string algorithm;
  std::size_t key_bits = 0;  ///< 0: no key was used.
  KeyRecord::Dnssec dnssec = KeyRecord::Dnssec::unknown;
  std::string result;  ///< A word of RFC 8601 section 2.7.1, or "signed".
  std::string reason;
  /// The first 8 characters of b=, more where other signatures begin the same (RFC 6008).
  std::string header_b;
};

/// The header_b of each signature.
std::vector<std::string> unique_prefixes(const Signatures& signatures);

/// i= without its quoted-printable. With `like_opendkim` the properties are opendkim's: i= always
/// ("@d" where the signature has none), another order, no size of an Ed25519 key.
AuthResult to_auth_result(const ReportedSignature& signature, bool like_opendkim = false);

/// A result that belongs to no one signature.
AuthResult bare_auth_result(std::string_view result, std::string_view reason);

/// The stage's detail: {"mode", "why", "signatures"}.
Value to_value(const Decision& decision, const std::vector<ReportedSignature>& signatures);

/// "pass:example.org,fail:example.net", or "none"; cut after the first few.
std::string to_note(const std::vector<ReportedSignature>& signatures);

}  // namespace milterd::dkim
