#pragma once
/// Signatures as others read them: Authentication-Results, the report of a message, the log.

#include <cstddef>
#include <string>
#include <vector>

#include "milterd/auth_result.hpp"
#include "milterd/value.hpp"
#include "plugins/dkim/decision.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

struct ReportedSignature {
  std::string domain;
  std::string selector;
  std::string identity;  ///< i= as written, or "".
  std::string algorithm;
  std::size_t key_bits = 0;  ///< 0: no key was used.
  std::string result;        ///< A word of RFC 8601 section 2.7.1, or "signed".
  std::string reason;
  /// The first 8 characters of b=, more where other signatures begin the same (RFC 6008).
  std::string header_b;
};

/// The header_b of each signature.
std::vector<std::string> unique_prefixes(const Signatures& signatures);

AuthResult to_auth_result(const ReportedSignature& signature);

/// The stage's detail: {"mode", "why", "signatures"}.
Value to_value(const Decision& decision, const std::vector<ReportedSignature>& signatures);

/// "pass:example.org,fail:example.net", or "none"; cut after the first few.
std::string to_note(const std::vector<ReportedSignature>& signatures);

}  // namespace milterd::dkim
