#include "plugins/dkim/signature_policy.hpp"

#include <algorithm>
#include <utility>

namespace milterd::dkim {

namespace {

constexpr std::uint64_t clock_drift = 300;  // Seconds that a signer's clock may be ahead of ours.
constexpr std::size_t fewest_rsa_bits = 1024;  // RFC 8301 section 3.2.

SignatureResult judge_verified(const SignatureHeader& header, const SignatureFacts& facts) {
  const auto refused = [](std::string reason) {
    return SignatureResult{"policy", std::move(reason), Trouble::bad_signature};
  };
  if (header.known_algorithm == Algorithm::rsa_sha1) {
    return refused("rsa-sha1 is no longer safe");
  }
  if (header.known_algorithm == Algorithm::rsa_sha256 && facts.key_bits < fewest_rsa_bits) {
    return refused("key has " + std::to_string(facts.key_bits) + " bits, fewer than " +
                   std::to_string(fewest_rsa_bits));
  }
  if (facts.unsigned_body > 0) {
    return refused("l= leaves " + std::to_string(facts.unsigned_body) +
                   " bytes of the body unsigned");
  }
  return {"pass", {}, std::nullopt};
}

/// In the order of Trouble. Defaults, codes and texts are opendkim's.
struct Row {
  std::string_view key;
  Action usual;
  std::string_view text;
  std::string_view reject = "5.7.0";
  std::string_view tempfail = "4.7.0";
};
constexpr std::array<Row, trouble_count> rows = {{
    {"on_bad_signature", Action::accept, "bad DKIM signature data"},
    {"on_no_signature", Action::accept, "no DKIM signature data"},
    {"on_key_not_found", Action::accept, "DKIM key retrieval failed", "5.7.5", "4.7.5"},
    {"on_dns_error", Action::tempfail, "DKIM key retrieval failed", "5.7.5", "4.7.5"},
    {"on_internal_error", Action::tempfail, "internal DKIM error"},
    {"on_security", Action::tempfail, "too many DKIM signatures"},
    {"on_signature_error", Action::reject, "DKIM signing error"},
}};

const Row& row_of(Trouble trouble) { return rows[static_cast<std::size_t>(trouble)]; }

}  // namespace

std::string_view key_of(Trouble trouble) { return row_of(trouble).key; }

Action usual_action(Trouble trouble) { return row_of(trouble).usual; }

SignatureResult judge(const SignatureHeader& header, const SignatureFacts& facts,
                      std::uint64_t now) {
  using Outcome = SignatureFacts::Outcome;
  const std::optional<Trouble> bad =
      facts.test_key ? std::nullopt : std::optional(Trouble::bad_signature);
  if (header.fault.empty() && header.expiry && now >= *header.expiry) {
    return {"permerror", "signature has expired", bad};
  }
  if (header.fault.empty() && header.time && *header.time > now + clock_drift) {
    return {"permerror", "signature is from the future", bad};
  }
  switch (facts.outcome) {
    case Outcome::verified: return judge_verified(header, facts);
    // A signer that only tests is not to be treated worse than one that does not sign (RFC 6376
    // section 3.6.1, t=y).
    case Outcome::header_differs:
    case Outcome::body_differs: return {"fail", facts.reason, bad};
    case Outcome::key_missing: return {"permerror", facts.reason, Trouble::key_not_found};
    case Outcome::key_temporary: return {"temperror", facts.reason, Trouble::dns_error};
    case Outcome::unusable: return {"permerror", facts.reason, bad};
  }
  return {"permerror", facts.reason, bad};
}

std::optional<Trouble> trouble_of(std::span<const SignatureResult> results, bool skipped) {
  if (std::ranges::any_of(results, [](const auto& one) { return one.result == "pass"; })) {
    return std::nullopt;
  }
  if (skipped) {
    return Trouble::security;
  }
  if (results.empty()) {
    return Trouble::no_signature;
  }
  if (std::ranges::find(results, Trouble::dns_error, &SignatureResult::trouble) != results.end()) {
    return Trouble::dns_error;
  }
  return results.front().trouble;
}

Verdict verdict_for(Trouble trouble, const Actions& actions, std::string reason) {
  const Action action = actions[static_cast<std::size_t>(trouble)];
  if (action == Action::accept) {
    return {};
  }
  Verdict verdict{.action = action, .reason = std::move(reason)};
  const Row& row = row_of(trouble);
  if (action == Action::reject) {
    verdict.reply = Reply{550, std::string(row.reject), {std::string(row.text)}};
  } else if (action == Action::tempfail) {
    verdict.reply = Reply{451, std::string(row.tempfail), {std::string(row.text)}};
  }
  return verdict;
}

}  // namespace milterd::dkim
