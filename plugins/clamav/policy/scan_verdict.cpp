#include "plugins/clamav/policy/scan_verdict.hpp"

#include <optional>
#include <string>
#include <utility>

#include "plugins/clamav/policy/reject_message.hpp"

namespace milterd::clamav {
namespace {

using Status = ScanResult::Status;

constexpr int tempfail_code = 451;

/// An action with the words that go with it.
struct Judgement {
  Action action = Action::proceed;
  int reject_code = 550;
  std::string enhanced_code = "5.7.1";  ///< Of a reject; a tempfail has 4 for its 5.
  std::string reply;
  std::string hold;  ///< What a quarantine is told.
};

Judgement judge_infected(const std::string& signature, const Policy& policy) {
  const Policy::Rule* rule = policy.rule_for(signature);
  const RefusalText& refusal = rule != nullptr ? rule->refusal : policy.refusal;
  return {rule != nullptr ? rule->action : policy.on_infected, refusal.code, refusal.enhanced_code,
          format_reject_message(refusal.message, signature), "infected: " + signature};
}

Judgement judge_unscanned(const ScanResult& result, const Policy& policy) {
  Judgement judgement{.action = policy.action_for(result.reason),
                      .reply = "Message could not be scanned: " + result.text,
                      .hold = "unscanned: " + result.text};
  if (result.reason == Unscanned::busy) {
    judgement.enhanced_code = "5.3.2";
    judgement.reply = "Too many messages wait for the virus scanner, try again later";
  } else if (result.scanner_failed()) {
    judgement.enhanced_code = "5.3.0";
    judgement.reply = "Virus scanner not ready, try again later";
  }
  return judgement;
}

Judgement judge(const ScanResult& result, const Policy& policy) {
  switch (result.status) {
    case Status::infected: return judge_infected(result.text, policy);
    case Status::unscanned: return judge_unscanned(result, policy);
    case Status::clean: break;
  }
  // A clean message has nothing more to do here, and nothing to say.
  return {.action = policy.on_clean == Action::accept ? Action::proceed : policy.on_clean,
          .reply = "Clean messages are not wanted here",
          .hold = "clean"};
}

}  // namespace

Verdict verdict_of(const ScanResult& result, const Policy& policy) {
  Judgement judgement = judge(result, policy);
  switch (judgement.action) {
    case Action::reject:
      return {Action::reject,
              Reply{judgement.reject_code,
                    std::move(judgement.enhanced_code),
                    {std::move(judgement.reply)}},
              result.text};
    case Action::tempfail:
      judgement.enhanced_code.front() = '4';
      return {
          Action::tempfail,
          Reply{tempfail_code, std::move(judgement.enhanced_code), {std::move(judgement.reply)}},
          result.text};
    case Action::quarantine: return {Action::quarantine, std::nullopt, std::move(judgement.hold)};
    case Action::proceed:
    case Action::accept:
    case Action::discard: break;
  }
  return {judgement.action, std::nullopt, result.text};
}

}  // namespace milterd::clamav
