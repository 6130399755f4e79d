#include "plugins/dkim/dkim_session.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "plugins/dkim/dkim_stage.hpp"

namespace milterd::dkim {

namespace {

using std::chrono::steady_clock;

std::uint64_t seconds(std::chrono::system_clock::time_point time) {
  const auto since_1970 = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  return static_cast<std::uint64_t>(std::max<std::int64_t>(since_1970.count(), 0));
}

/// Leaves time to say what the look-ups came to.
steady_clock::time_point lookup_deadline(steady_clock::time_point deadline) {
  const auto now = steady_clock::now();
  return deadline <= now ? now : deadline - (deadline - now) / 5;
}

/// A result that belongs to no one signature.
AuthResult bare_result(std::string_view result, std::string_view reason) {
  AuthResult bare;
  bare.method = "dkim";
  bare.result = result;
  bare.reason = reason;
  return bare;
}

void log_failure(Transaction& transaction, std::string_view event, const std::string& message) {
  transaction.log().error(event, {{"reason", message}});
}

}  // namespace

void DkimSession::forget() noexcept {
  prepared_ = false;
  decision_ = {};
  signatures_ = {};
  lookups_.clear();
  reported_.clear();
}

void DkimSession::prepare(const Transaction& transaction) {
  forget();
  const auto headers = transaction.headers();
  decision_ = decide(stage_.config().rules, transaction.session(),
                     transaction.macro("{auth_authen}"), headers);
  if (decision_.mode == Decision::Mode::verify) {
    signatures_ = find_signatures(headers);
    for (const auto& entry : signatures_.entries) {
      if (entry.header.fault.empty()) {
        lookups_.start(stage_.keys(), entry.header.key_name());
      }
    }
  }
  prepared_ = true;
}

void DkimSession::on_header_complete(const Transaction& transaction) { prepare(transaction); }

Result<Verdict> DkimSession::on_message(Transaction& transaction) {
  // Stages before this one may have edited the header since.
  if (!prepared_ || !transaction.modifications().empty()) {
    prepare(transaction);
  }
  switch (decision_.mode) {
    case Decision::Mode::sign: return sign(transaction);
    case Decision::Mode::verify: return verify(transaction);
    case Decision::Mode::none: break;
  }
  return Verdict{};
}

Verdict DkimSession::sign(Transaction& transaction) {
  const DkimConfig& config = stage_.config();
  const SigningKey& key = *config.key;
  auto made = sign_message(key, {decision_.domain, config.selector}, config.canonicalization,
                           transaction.headers(), transaction.body(), seconds(transaction.now()),
                           transaction.deadline());
  std::optional<Error> failure;
  if (!made) {
    failure = std::move(made.error());
  } else if (auto inserted = transaction.insert_header(0, "DKIM-Signature", made->value);
             !inserted) {
    failure = std::move(inserted.error());
  }
  if (failure) {
    decision_.why.push_back(failure->message);
    log_failure(transaction, "dkim_signing_failed", failure->message);
    transaction.note("dkim_result", "unsigned");
    return verdict_for(Trouble::signature_error, config.actions, failure->message);
  }
  ReportedSignature& signature = reported_.emplace_back();
  signature.domain = decision_.domain;
  signature.selector = config.selector;
  signature.algorithm = to_string(key.algorithm());
  signature.key_bits = key.bits();
  signature.result = "signed";
  signature.header_b = made->signature.substr(0, 8);
  transaction.note("dkim_result", to_note(reported_));
  return {};
}

Verdict DkimSession::verify(Transaction& transaction) {
  const DkimConfig& config = stage_.config();
  const auto& entries = signatures_.entries;
  const auto deadline = lookup_deadline(transaction.deadline());
  std::vector<KeyRecord> keys;
  for (const auto& entry : entries) {
    keys.push_back(entry.header.fault.empty()
                       ? choose_key_record(lookups_.wait(entry.header.key_name(), deadline),
                                           entry.header.known_algorithm)
                       : KeyRecord{});
  }
  const auto facts = stage_.verifier().verify(transaction.headers(), transaction.body(),
                                              signatures_, keys, transaction.deadline());
  if (!facts) {
    decision_.why.push_back(facts.error().message);
    log_failure(transaction, "dkim_verifying_failed", facts.error().message);
    transaction.report(bare_result("temperror", "internal error"));
    transaction.note("dkim_result", "temperror");
    return verdict_for(Trouble::internal_error, config.actions, facts.error().message);
  }
  const std::uint64_t now = seconds(transaction.now());
  const auto prefixes = unique_prefixes(signatures_);
  std::vector<SignatureResult> results;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const SignatureHeader& header = entries[i].header;
    const SignatureResult& result = results.emplace_back(judge(header, (*facts)[i], now));
    reported_.push_back({.domain = header.domain,
                         .selector = header.selector,
                         .identity = header.identity,
                         .algorithm = header.algorithm,
                         .key_bits = (*facts)[i].key_bits,
                         .result = std::string(result.result),
                         .reason = result.reason,
                         .header_b = prefixes[i]});
    transaction.report(to_auth_result(reported_.back()));
  }
  report_what_is_left(transaction);
  transaction.note("dkim_result", to_note(reported_));
  const auto trouble = trouble_of(results, signatures_.skipped > 0);
  if (!trouble) {
    return {};
  }
  const auto cause = std::ranges::find(results, trouble, &SignatureResult::trouble);
  std::string reason = "DKIM: ";
  reason += *trouble == Trouble::no_signature ? "no signature"
            : *trouble == Trouble::security   ? "too many signatures"
                                              : cause->reason;
  return verdict_for(*trouble, config.actions, std::move(reason));
}

void DkimSession::report_what_is_left(Transaction& transaction) {
  if (signatures_.entries.empty()) {
    decision_.why.emplace_back("there is no signature");
    transaction.report(bare_result("none", ""));
  }
  if (signatures_.skipped == 0) {
    return;
  }
  std::string text = std::to_string(signatures_.skipped) + " more signatures were not looked at";
  transaction.report(bare_result("policy", text));
  for (const std::string& domain : signatures_.skipped_domains) {
    text += (&domain == &signatures_.skipped_domains.front() ? ": " : ", ") + domain;
  }
  if (signatures_.skipped > signatures_.skipped_domains.size()) {
    text += signatures_.skipped_domains.empty() ? "" : ", ...";
  }
  decision_.why.push_back(std::move(text));
}

}  // namespace milterd::dkim
