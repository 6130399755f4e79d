#include "plugins/clamav/policy/scan_verdict.hpp"

#include <doctest/doctest.h>

namespace milterd::clamav {
namespace {

constexpr Action all_actions[] = {Action::accept, Action::reject, Action::tempfail, Action::discard,
                                  Action::quarantine};

/// "reject 550 5.7.1 text | reason"
std::string text_of(const Verdict& verdict) {
  std::string text = to_string(verdict.action);
  if (verdict.reply) {
    text += " " + std::to_string(verdict.reply->code) + " " + verdict.reply->enhanced;
    for (const std::string& line : verdict.reply->lines) {
      text += " " + line;
    }
  }
  return text + " | " + verdict.reason;
}

void set_unscanned(Policy& policy, Action action) { policy.on_unscanned.fill(action); }

TEST_CASE("a clean message goes on whatever the others get") {
  for (const Action action : all_actions) {
    Policy policy;
    policy.on_infected = policy.on_fail = action;
    set_unscanned(policy, action);
    CHECK(text_of(verdict_of(ScanResult::clean(), policy)) == "continue | ");
  }
}

TEST_CASE("on_clean is for clean messages") {
  Policy policy;
  policy.on_clean = Action::quarantine;
  CHECK(text_of(verdict_of(ScanResult::clean(), policy)) == "quarantine | clean");
  policy.on_clean = Action::reject;
  CHECK(text_of(verdict_of(ScanResult::clean(), policy)) ==
        "reject 550 5.7.1 Clean messages are not wanted here | ");
}

TEST_CASE("each result gets its own action, reply and reason") {
  Policy policy;
  const ScanResult infected = ScanResult::infected("Eicar");
  const ScanResult unscanned = ScanResult::unscanned(Unscanned::files, "max_files exceeded");
  const ScanResult failed = ScanResult::unscanned(Unscanned::no_database, "no database");
  struct Case {
    Action action;
    const char* infected;
    const char* unscanned;
    const char* failed;
  };
  const Case cases[] = {
      {Action::accept, "accept | Eicar", "accept | max_files exceeded", "accept | no database"},
      {Action::reject, "reject 550 5.7.1 Infected with Eicar | Eicar",
       "reject 550 5.7.1 Message could not be scanned: max_files exceeded | max_files exceeded",
       "reject 550 5.3.0 Virus scanner not ready, try again later | no database"},
      {Action::tempfail, "tempfail 451 4.7.1 Infected with Eicar | Eicar",
       "tempfail 451 4.7.1 Message could not be scanned: max_files exceeded | max_files exceeded",
       "tempfail 451 4.3.0 Virus scanner not ready, try again later | no database"},
      {Action::discard, "discard | Eicar", "discard | max_files exceeded", nullptr},
      {Action::quarantine, "quarantine | infected: Eicar",
       "quarantine | unscanned: max_files exceeded", "quarantine | unscanned: no database"},
  };
  // The other two settings must not matter.
  for (const Case& one : cases) {
    CAPTURE(to_string(one.action));
    policy.on_infected = one.action;
    policy.on_fail = Action::proceed;
    set_unscanned(policy, Action::proceed);
    CHECK(text_of(verdict_of(infected, policy)) == one.infected);
    policy.on_infected = Action::proceed;
    set_unscanned(policy, one.action);
    CHECK(text_of(verdict_of(unscanned, policy)) == one.unscanned);
    if (one.failed != nullptr) {
      policy.on_fail = one.action;
      set_unscanned(policy, Action::proceed);
      CHECK(text_of(verdict_of(failed, policy)) == one.failed);
    }
  }
}

TEST_CASE(
    "every reason that lies in the message has its own action, the scanner's own have on_fail") {
  const Unscanned in_message[] = {Unscanned::size,  Unscanned::time,      Unscanned::recursion,
                                  Unscanned::files, Unscanned::encrypted, Unscanned::parser_error};
  const Unscanned in_scanner[] = {Unscanned::no_database, Unscanned::busy, Unscanned::shut_down,
                                  Unscanned::client_gone, Unscanned::failed};
  for (const Unscanned chosen : in_message) {
    Policy policy;
    policy.on_unscanned.at(static_cast<std::size_t>(chosen)) = Action::discard;
    for (const Unscanned reason : in_message) {
      const Verdict verdict = verdict_of(ScanResult::unscanned(reason, "why"), policy);
      CHECK((verdict.action == Action::discard) == (reason == chosen));
    }
    for (const Unscanned reason : in_scanner) {
      CHECK(verdict_of(ScanResult::unscanned(reason, "why"), policy).action == Action::tempfail);
    }
  }
}

TEST_CASE("an overloaded scanner says so") {
  CHECK(text_of(verdict_of(ScanResult::unscanned(Unscanned::busy, "scan queue is full"), {})) ==
        "tempfail 451 4.3.2 Too many messages wait for the virus scanner, try again later | scan "
        "queue is full");
}

}  // namespace
}  // namespace milterd::clamav
