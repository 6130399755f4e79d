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

TEST_CASE("a clean message goes on under every setting") {
  for (const Action action : all_actions) {
    ClamavConfig config;
    config.on_infected = config.on_fail = config.on_unscanned = action;
    CHECK(text_of(verdict_of(ScanResult::clean(), config)) == "continue | ");
  }
}

TEST_CASE("each result gets its own action, reply and reason") {
  ClamavConfig config;
  config.reject_message = "Infected with %v";
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
    config.on_infected = one.action;
    config.on_unscanned = config.on_fail = Action::proceed;
    CHECK(text_of(verdict_of(infected, config)) == one.infected);
    config.on_unscanned = one.action;
    config.on_infected = config.on_fail = Action::proceed;
    CHECK(text_of(verdict_of(unscanned, config)) == one.unscanned);
    if (one.failed != nullptr) {
      config.on_fail = one.action;
      config.on_infected = config.on_unscanned = Action::proceed;
      CHECK(text_of(verdict_of(failed, config)) == one.failed);
    }
  }
}

}  // namespace
}  // namespace milterd::clamav
