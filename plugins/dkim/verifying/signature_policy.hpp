#pragma once
/// From facts to results: what a signature is worth, and what is done with the message.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/transaction.hpp"
#include "milterd/verdict.hpp"
#include "plugins/dkim/signature_header.hpp"
#include "plugins/dkim/verifying/outcome.hpp"
#include "plugins/dkim/verifying/verifier.hpp"
#include "plugins/dkim/verifying/verifying_rules.hpp"

namespace milterd::dkim {

/// What can be wrong with a message, in opendkim's classes; each has its on_... key.
enum class Trouble : std::uint8_t {
  bad_signature,
  no_signature,
  key_not_found,
  dns_error,
  internal_error,
  security,         ///< More signatures than are looked at, none of the others good.
  signature_error,  ///< Signing failed.
};
inline constexpr std::size_t trouble_count = 7;

/// One action per Trouble.
using Actions = std::array<Action, trouble_count>;

/// The name of its key: "on_bad_signature".
std::string_view key_of(Trouble trouble);

/// What is done where the key is not set.
Action usual_action(Trouble trouble);

struct SignatureResult {
  Outcome outcome;
  std::string_view result;  ///< A word of RFC 8601 section 2.7.1.
  std::string reason;       ///< "" for a pass; names the option where one decided it.
  std::optional<Trouble> trouble;
};

/// What `headers`, those of the message, and `now`, in seconds since 1970, make of a signature.
SignatureResult judge(const SignatureHeader& header, const SignatureFacts& facts,
                      const VerifyingRules& rules, std::span<const HeaderField> headers,
                      std::uint64_t now);

/// What opendkim writes into Authentication-Results.
struct OpendkimWords {
  std::string_view result;
  std::string_view reason;
};
/// Where opendkim says "pass" of a signature that it does not accept (must_be_signed, minimum,
/// t=s), this does not.
OpendkimWords opendkim_words(Outcome outcome);

/// A signature that passes makes the message good, whatever the others are; else a temporary
/// trouble counts, since another try may do better; else the first signature's. `skipped`: there
/// were signatures that nobody looked at.
std::optional<Trouble> trouble_of(std::span<const SignatureResult> results, bool skipped);

/// `reason` goes to the log; `told`, which may come from the message, goes to the client behind the
/// reply's own text.
Verdict verdict_for(Trouble trouble, const Actions& actions, std::string reason,
                    std::string_view told = {});

}  // namespace milterd::dkim
