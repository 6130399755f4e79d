#include "plugins/dkim/verifying/message_verification.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "plugins/dkim/unix_time.hpp"

namespace milterd::dkim {

namespace {

using std::chrono::steady_clock;

/// Leaves time to say what the look-ups came to.
steady_clock::time_point lookup_deadline(steady_clock::time_point deadline) {
  const auto now = steady_clock::now();
  return deadline <= now ? now : deadline - (deadline - now) / 5;
}

/// "d=example.org s=s1: body has changed"
std::string describe(const SignatureHeader& header, std::string_view reason) {
  std::string text;
  if (!header.domain.empty()) {
    text += "d=" + header.domain + ' ';
  }
  if (!header.selector.empty()) {
    text += "s=" + header.selector + ' ';
  }
  if (!text.empty()) {
    text.back() = ':';
    text += ' ';
  }
  return text.append(reason);
}

std::string count_of_skipped(std::size_t skipped) {
  return std::to_string(skipped) + " more signatures were not looked at";
}

/// It has a line for each, without end; here that is so for the first few.
void report_skipped_like_opendkim(const Signatures& signatures, Transaction& transaction) {
  for (const auto& [field, header] : signatures.named_skipped) {
    const ReportedSignature skipped{.domain = header.domain,
                                    .selector = header.selector,
                                    .identity = header.identity,
                                    .algorithm = header.algorithm,
                                    .key_bits = 0,
                                    .result = "neutral",
                                    .reason = {},
                                    .header_b = header.signature.substr(0, 8)};
    transaction.report(to_auth_result(skipped, true));
  }
  if (const std::size_t named = signatures.named_skipped.size(); signatures.skipped > named) {
    transaction.report(bare_auth_result("neutral", count_of_skipped(signatures.skipped - named)));
  }
}

/// A refusal that is not one of opendkim's: 550 5.7.1 or 451 4.7.1, where `action` is one.
Verdict policy_verdict(Action action, std::string_view key, const std::string& text) {
  Verdict verdict{.action = action, .reason = std::string(key) + ": " + text};
  const std::string line = text + " (" + std::string(key) + ")";
  if (action == Action::reject) {
    verdict.reply = Reply{550, "5.7.1", {line}};
  } else if (action == Action::tempfail) {
    verdict.reply = Reply{451, "4.7.1", {line}};
  }
  return verdict;
}

Verdict judge_author(const VerifyingRules& rules, const Author& author,
                     std::vector<std::string>& why) {
  if (author.address) {
    return {};
  }
  why.push_back("the author is not known: " + author.fault);
  if (rules.on_malformed_from == Action::accept) {
    return {};
  }
  return policy_verdict(rules.on_malformed_from, "on_malformed_from",
                        "the author of the message cannot be told: " + author.fault);
}

/// The first that refuses the message, else the first that holds it.
Verdict first_objection(std::vector<Verdict> verdicts) {
  const auto refuses = [](const Verdict& verdict) { return ends_the_run(verdict.action); };
  const auto holds = [](const Verdict& verdict) { return verdict.action == Action::quarantine; };
  auto found = std::ranges::find_if(verdicts, refuses);
  if (found == verdicts.end()) {
    found = std::ranges::find_if(verdicts, holds);
  }
  return found == verdicts.end() ? Verdict{} : std::move(*found);
}

}  // namespace

void MessageVerification::forget() noexcept {
  signatures_ = {};
  lookups_.clear();
}

void MessageVerification::start(const VerifyingRules& rules, Resolver& keys,
                                const Transaction& transaction) {
  signatures_ = find_signatures(transaction.headers(), {.signatures = rules.maximum_signatures,
                                                        .domains = rules.maximum_domains});
  for (const auto& entry : signatures_.entries) {
    if (entry.header.fault.empty()) {
      lookups_.start(keys, entry.header.key_name());
    }
  }
}

Result<std::vector<SignatureFacts>> MessageVerification::find_facts(
    const Verifier& verifier, const Transaction& transaction) {
  const auto deadline = lookup_deadline(transaction.deadline());
  std::vector<KeyRecord> keys;
  for (const auto& [field, header] : signatures_.entries) {
    keys.push_back(
        header.fault.empty()
            ? choose_key_record(lookups_.wait(header.key_name(), deadline), header.known_algorithm)
            : KeyRecord{});
  }
  return verifier.verify(transaction.headers(), transaction.body(), signatures_, keys,
                         transaction.deadline());
}

std::vector<SignatureResult> MessageVerification::judge_each(
    const VerifyingRules& rules, std::span<const SignatureFacts> facts, Transaction& transaction,
    std::vector<ReportedSignature>& reported) const {
  const std::uint64_t now = unix_seconds(transaction.now());
  const auto prefixes = unique_prefixes(signatures_);
  std::vector<SignatureResult> results;
  for (std::size_t i = 0; i < signatures_.entries.size(); ++i) {
    const SignatureHeader& header = signatures_.entries[i].header;
    const SignatureResult& result =
        results.emplace_back(judge(header, facts[i], rules, transaction.headers(), now));
    const auto [word, reason] = rules.opendkim_words ? opendkim_words(result.outcome)
                                                     : OpendkimWords{result.result, result.reason};
    reported.push_back({.domain = header.domain,
                        .selector = header.selector,
                        .identity = header.identity,
                        .algorithm = header.algorithm,
                        .key_bits = facts[i].key_bits,
                        .dnssec = facts[i].dnssec,
                        .result = std::string(word),
                        .reason = std::string(reason),
                        .header_b = prefixes[i]});
    transaction.report(to_auth_result(reported.back(), rules.opendkim_words));
  }
  return results;
}

void MessageVerification::report_what_is_left(const VerifyingRules& rules, Transaction& transaction,
                                              std::vector<std::string>& why) const {
  if (signatures_.entries.empty()) {
    why.emplace_back("there is no signature");
    AuthResult none = bare_auth_result("none", "");
    none.only_beside_others = !rules.always_add_ar_header;
    transaction.report(std::move(none));
  }
  if (signatures_.skipped == 0) {
    return;
  }
  std::string text = count_of_skipped(signatures_.skipped);
  if (rules.opendkim_words) {
    report_skipped_like_opendkim(signatures_, transaction);
  } else {
    transaction.report(bare_auth_result("policy", text));
  }
  std::string_view separator = ": ";
  for (const auto& [field, header] : signatures_.named_skipped) {
    if (!header.domain.empty()) {
      text.append(std::exchange(separator, ", ")).append(header.domain);
    }
  }
  if (signatures_.skipped > signatures_.named_skipped.size()) {
    text += ", ...";
  }
  why.push_back(std::move(text));
}

Verdict MessageVerification::judge_signatures(std::span<const SignatureResult> results,
                                              const Actions& actions) const {
  const auto trouble = trouble_of(results, signatures_.skipped > 0);
  if (!trouble) {
    return {};
  }
  std::string text;
  if (*trouble == Trouble::no_signature) {
    text = "there is no signature";
  } else if (*trouble == Trouble::security) {
    text = count_of_skipped(signatures_.skipped);
  } else {
    const auto cause = std::ranges::find(results, trouble, &SignatureResult::trouble);
    const auto position = static_cast<std::size_t>(cause - results.begin());
    text = describe(signatures_.entries[position].header, cause->reason);
  }
  const std::string key(key_of(*trouble));
  return verdict_for(*trouble, actions, key + ": " + text, text + " (" + key + ")");
}

Verdict MessageVerification::judge_alignment(const VerifyingRules& rules, const Author& author,
                                             std::span<const SignatureResult> results,
                                             std::vector<std::string>& why) const {
  constexpr std::string_view key = "require_aligned_pass";
  if (rules.require_aligned_pass == Action::proceed) {
    return {};
  }
  if (!author.address) {
    return policy_verdict(rules.require_aligned_pass, key,
                          "no DKIM signature can speak for the author: " + author.fault);
  }
  const std::string& domain = author.address->domain;
  const SignatureHeader* later = nullptr;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const SignatureHeader& header = signatures_.entries[i].header;
    if (!rules.alignment.aligned(header.domain, domain)) {
      continue;
    }
    if (results[i].outcome == Outcome::verified) {
      why.push_back("the signature of " + header.domain + " speaks for the author's " + domain);
      return {};
    }
    if (results[i].trouble == Trouble::dns_error) {
      later = &header;
    }
  }
  if (later != nullptr) {
    return policy_verdict(Action::tempfail, key,
                          "the DKIM signature for the author's " + domain +
                              " cannot be verified now: " + describe(*later, "key look-up failed"));
  }
  why.push_back("no signature that passes speaks for the author's " + domain);
  return policy_verdict(rules.require_aligned_pass, key,
                        "no valid DKIM signature for the author's domain " + domain);
}

Verdict MessageVerification::verify(const VerifyingRules& rules, const Actions& actions,
                                    const Verifier& verifier, const Author& author,
                                    Transaction& transaction,
                                    std::vector<ReportedSignature>& reported,
                                    std::vector<std::string>& why) {
  const auto facts = find_facts(verifier, transaction);
  if (!facts) {
    const std::string& failure = facts.error().message;
    why.push_back(failure);
    transaction.log().error("dkim_verifying_failed", {{"reason", failure}});
    transaction.report(bare_auth_result("temperror", "internal error"));
    transaction.note("dkim_result", "temperror");
    // Whether a signature speaks for the author is not known then, and may be at the next try.
    return first_objection(
        {judge_author(rules, author, why),
         verdict_for(Trouble::internal_error, actions, "on_internal_error: " + failure),
         rules.require_aligned_pass == Action::proceed
             ? Verdict{}
             : policy_verdict(Action::tempfail, "require_aligned_pass",
                              "DKIM signatures cannot be verified now")});
  }
  const auto results = judge_each(rules, *facts, transaction, reported);
  report_what_is_left(rules, transaction, why);
  transaction.note("dkim_result", to_note(reported));
  return first_objection({judge_author(rules, author, why), judge_signatures(results, actions),
                          judge_alignment(rules, author, results, why)});
}

}  // namespace milterd::dkim
