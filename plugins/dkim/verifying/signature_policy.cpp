#include "plugins/dkim/verifying/signature_policy.hpp"

#include <algorithm>
#include <utility>

#include "milterd/ascii.hpp"

namespace milterd::dkim {

namespace {

struct Meaning {
  Outcome outcome;
  std::string_view result;
  std::optional<Trouble> trouble;
  OpendkimWords opendkim;
};

constexpr auto bad = Trouble::bad_signature;
constexpr std::string_view failed = "signature verification failed";

/// In the order of Outcome.
constexpr std::array meanings = {
    Meaning{Outcome::verified, "pass", std::nullopt, {"pass", ""}},
    Meaning{Outcome::malformed, "permerror", bad, {"permerror", ""}},
    Meaning{Outcome::header_differs, "fail", bad, {"fail", failed}},
    Meaning{Outcome::body_differs, "fail", bad, {"fail", failed}},
    Meaning{Outcome::length_too_large, "permerror", bad, {"permerror", ""}},
    Meaning{Outcome::identity_refused, "permerror", bad, {"fail", "unauthorized subdomain"}},
    Meaning{Outcome::key_missing,
            "permerror",
            Trouble::key_not_found,
            {"fail", "key not found in DNS"}},
    Meaning{Outcome::key_temporary, "temperror", Trouble::dns_error, {"temperror", ""}},
    Meaning{Outcome::key_several, "permerror", bad, {"temperror", ""}},
    Meaning{Outcome::key_malformed, "permerror", bad, {"temperror", ""}},
    Meaning{Outcome::key_version, "permerror", bad, {"fail", "unknown key version"}},
    Meaning{Outcome::key_hash_unknown, "permerror", bad, {"fail", "unknown key hash"}},
    Meaning{Outcome::key_hash_refused, "permerror", bad, {"fail", "signature-key hash mismatch"}},
    Meaning{Outcome::key_service, "permerror", bad, {"fail", "not an e-mail key"}},
    Meaning{Outcome::key_type_unknown, "permerror", bad, {"fail", "unknown key type"}},
    Meaning{Outcome::key_type_differs, "permerror", bad, {"permerror", ""}},
    Meaning{Outcome::key_revoked, "permerror", bad, {"fail", "key revoked"}},
    Meaning{Outcome::key_undecodable, "permerror", bad, {"permerror", ""}},
    Meaning{Outcome::expired, "permerror", bad, {"permerror", ""}},
    Meaning{Outcome::from_future, "permerror", bad, {"permerror", ""}},
    Meaning{Outcome::sha1_refused, "policy", bad, {"policy", "rsa-sha1 refused"}},
    Meaning{Outcome::key_too_small, "policy", bad, {"policy", "signing key too small"}},
    Meaning{Outcome::body_unsigned, "policy", bad, {"policy", "body not signed as a whole"}},
    Meaning{Outcome::header_unsigned, "policy", bad, {"fail", "unprotected header field"}},
    Meaning{Outcome::key_bogus, "fail", bad, {"fail", "bogus key"}},
    Meaning{Outcome::key_bogus_neutral, "neutral", std::nullopt, {"neutral", ""}},
    Meaning{Outcome::key_unprotected, "policy", bad, {"policy", ""}},
    Meaning{Outcome::key_unprotected_neutral, "neutral", std::nullopt, {"neutral", ""}},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < meanings.size(); ++i) {
    if (meanings[i].outcome != static_cast<Outcome>(i)) {
      return false;
    }
  }
  return meanings.back().outcome == Outcome::key_unprotected_neutral;
}
static_assert(in_order());

const Meaning& meaning_of(Outcome outcome) { return meanings[static_cast<std::size_t>(outcome)]; }

std::string least_signed_text(const LeastSigned& least) {
  std::string text = std::to_string(least.amount);
  if (least.kind == LeastSigned::Kind::percent) {
    text += '%';
  } else if (least.kind == LeastSigned::Kind::unsigned_bytes) {
    text += '+';
  }
  return text;
}

bool covers_enough(const SignatureFacts& facts, const LeastSigned& least) {
  const std::uint64_t covered = facts.body_size - facts.unsigned_body;
  switch (least.kind) {
    case LeastSigned::Kind::bytes: return covered >= std::min(least.amount, facts.body_size);
    case LeastSigned::Kind::percent:
      // 128 bits would be needed only for bodies beyond 10^17 bytes.
      return covered * 100 >= facts.body_size * least.amount;
    case LeastSigned::Kind::unsigned_bytes: return facts.unsigned_body <= least.amount;
  }
  return false;
}

/// The first name of which not every field is signed; "" if there is none.
std::string_view unsigned_name(const SignatureHeader& header, const VerifyingRules& rules,
                               std::span<const HeaderField> headers) {
  for (const std::string& name : rules.must_be_signed) {
    const auto there = std::ranges::count_if(headers, [&name](const HeaderField& field) {
      return equal_ignoring_case(trimmed_name(field), name);
    });
    if (header.times_signed(name) < static_cast<std::size_t>(there)) {
      return name;
    }
  }
  return {};
}

struct Judgement {
  Outcome outcome;
  std::string reason;
};

Judgement judge_dnssec(KeyRecord::Dnssec dnssec, const VerifyingRules& rules) {
  using KeyAction = VerifyingRules::KeyAction;
  if (dnssec == KeyRecord::Dnssec::bogus && rules.bogus_key != KeyAction::none) {
    return {rules.bogus_key == KeyAction::fail ? Outcome::key_bogus : Outcome::key_bogus_neutral,
            "key record fails DNSSEC validation (bogus_key)"};
  }
  if (dnssec == KeyRecord::Dnssec::unprotected && rules.unprotected_key != KeyAction::none) {
    return {rules.unprotected_key == KeyAction::fail ? Outcome::key_unprotected
                                                     : Outcome::key_unprotected_neutral,
            "key record is not protected by DNSSEC (unprotected_key)"};
  }
  return {Outcome::verified, {}};
}

/// Of a signature that verifies.
Judgement judge_verified(const SignatureHeader& header, const SignatureFacts& facts,
                         const VerifyingRules& rules, std::span<const HeaderField> headers) {
  if (header.known_algorithm == Algorithm::rsa_sha1 && !rules.allow_sha1) {
    return {Outcome::sha1_refused, "rsa-sha1 is no longer safe (allow_sha1)"};
  }
  if (header.known_algorithm != Algorithm::ed25519_sha256 &&
      facts.key_bits < rules.minimum_key_bits) {
    return {Outcome::key_too_small,
            "key has " + std::to_string(facts.key_bits) + " bits, fewer than " +
                std::to_string(rules.minimum_key_bits) + " (minimum_key_bits)"};
  }
  if (!covers_enough(facts, rules.minimum)) {
    return {Outcome::body_unsigned,
            "l= leaves " + std::to_string(facts.unsigned_body) +
                " bytes of the body unsigned (minimum = " + least_signed_text(rules.minimum) + ")"};
  }
  if (const std::string_view name = unsigned_name(header, rules, headers); !name.empty()) {
    return {Outcome::header_unsigned,
            "header field " + std::string(name) + " is not signed (must_be_signed)"};
  }
  return judge_dnssec(facts.dnssec, rules);
}

Judgement judge_all(const SignatureHeader& header, const SignatureFacts& facts,
                    const VerifyingRules& rules, std::span<const HeaderField> headers,
                    std::uint64_t now) {
  const auto drift = static_cast<std::uint64_t>(rules.clock_drift.count());
  if (header.fault.empty() && header.expiry && now >= *header.expiry + drift) {
    return {Outcome::expired, "signature has expired"};
  }
  if (header.fault.empty() && header.time && *header.time > now + drift) {
    return {Outcome::from_future, "signature is from the future (clock_drift)"};
  }
  if (facts.outcome == Outcome::verified) {
    return judge_verified(header, facts, rules, headers);
  }
  // Without a usable record there is only the state of the answer to go by.
  if (facts.outcome == Outcome::key_temporary && facts.dnssec == KeyRecord::Dnssec::bogus) {
    if (Judgement bogus = judge_dnssec(facts.dnssec, rules); bogus.outcome != Outcome::verified) {
      return bogus;
    }
  }
  return {facts.outcome, facts.reason};
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
                      const VerifyingRules& rules, std::span<const HeaderField> headers,
                      std::uint64_t now) {
  Judgement judged = judge_all(header, facts, rules, headers, now);
  const Meaning& meaning = meaning_of(judged.outcome);
  // A signer that only tests is not to be treated worse than one that does not sign (RFC 6376
  // section 3.6.1, t=y).
  const bool forgiven = facts.test_key && meaning.trouble == Trouble::bad_signature;
  return {judged.outcome, meaning.result, std::move(judged.reason),
          forgiven ? std::nullopt : meaning.trouble};
}

OpendkimWords opendkim_words(Outcome outcome) { return meaning_of(outcome).opendkim; }

std::optional<Trouble> trouble_of(std::span<const SignatureResult> results, bool skipped) {
  if (std::ranges::find(results, Outcome::verified, &SignatureResult::outcome) != results.end()) {
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

Verdict verdict_for(Trouble trouble, const Actions& actions, std::string reason,
                    std::string_view told) {
  const Action action = actions[static_cast<std::size_t>(trouble)];
  if (action == Action::accept) {
    return {};
  }
  Verdict verdict{.action = action, .reason = std::move(reason)};
  const Row& row = row_of(trouble);
  std::string text(row.text);
  if (!told.empty()) {
    text.append(": ").append(told);
  }
  if (action == Action::reject) {
    verdict.reply = Reply{550, std::string(row.reject), {std::move(text)}};
  } else if (action == Action::tempfail) {
    verdict.reply = Reply{451, std::string(row.tempfail), {std::move(text)}};
  }
  return verdict;
}

}  // namespace milterd::dkim
