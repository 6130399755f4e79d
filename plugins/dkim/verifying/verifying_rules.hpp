#pragma once
/// Which signatures count, and what they have to prove.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/section.hpp"
#include "milterd/verdict.hpp"
#include "plugins/dkim/verifying/alignment.hpp"

namespace milterd::dkim {

/// How much of the body a signature with l= has to cover (opendkim's Minimum).
struct LeastSigned {
  enum class Kind : std::uint8_t {
    bytes,           ///< "1000": at least so many of its bytes, or all of a shorter body
    percent,         ///< "80%"
    unsigned_bytes,  ///< "1000+": at most so many bytes beyond
  };
  Kind kind = Kind::percent;
  std::uint64_t amount = 100;
};

struct VerifyingRules {
  std::size_t maximum_signatures = 10;  ///< Looked at; so many malformed ones beside.
  std::size_t maximum_domains = 10;     ///< Different d= looked at.
  std::size_t minimum_key_bits = 1024;  ///< RSA
  std::chrono::seconds clock_drift{300};
  bool allow_sha1 = false;
  LeastSigned minimum;
  std::vector<std::string> must_be_signed;  ///< Names; each field of theirs has to be in h=.
  enum class KeyAction : std::uint8_t { none, neutral, fail };
  KeyAction bogus_key = KeyAction::fail;        ///< DNSSEC validation failed.
  KeyAction unprotected_key = KeyAction::none;  ///< Not DNSSEC-signed.
  bool always_add_ar_header = true;  ///< dkim=none alone is worth an Authentication-Results field.
  bool opendkim_words = false;       ///< compat = "opendkim"
  Action require_aligned_pass = Action::proceed;  ///< proceed (not required), reject or tempfail.
  Alignment alignment = Alignment::strict();      ///< For require_aligned_pass.
  Action on_malformed_from = Action::accept;
};

/// Reads maximum_signatures_to_verify, maximum_domains_to_verify, minimum_key_bits, clock_drift,
/// allow_sha1, minimum, must_be_signed, bogus_key, unprotected_key, always_add_ar_header, compat,
/// require_aligned_pass, alignment and on_malformed_from. Faults go to section.error(). Without a
/// public suffix list relaxed alignment is strict, with a warning.
VerifyingRules read_verifying_rules(Section& section);

}  // namespace milterd::dkim
