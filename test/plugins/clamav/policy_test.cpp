#include "plugins/clamav/policy/policy.hpp"

#include <doctest/doctest.h>

#include "plugins/clamav/policy/scan_verdict.hpp"
#include "test/support/stage_table.hpp"

namespace milterd::clamav {
namespace {

using test::StageTable;
using Errors = std::vector<std::string>;

std::string decide(const Policy& policy, const std::string& signature) {
  const Verdict verdict = verdict_of(ScanResult::infected(signature), policy);
  std::string text = to_string(verdict.action);
  if (verdict.reply) {
    text += " " + std::to_string(verdict.reply->code) + " " + verdict.reply->enhanced + " " +
            verdict.reply->lines.at(0);
  }
  return text;
}

TEST_CASE("every action word stands for its action") {
  const std::pair<const char*, Action> words[] = {{"accept", Action::accept},
                                                  {"reject", Action::reject},
                                                  {"tempfail", Action::tempfail},
                                                  {"discard", Action::discard},
                                                  {"quarantine", Action::quarantine}};
  for (const auto& [word, action] : words) {
    CAPTURE(word);
    const std::string value = std::string(" = '") + word + "'\n";
    StageTable table("on_infected" + value + "on_unscanned" + value + "on_clean" + value +
                     "on_fail" + value);
    const Policy policy = read_policy(table.section());
    CHECK(policy.on_infected == action);
    CHECK(policy.on_clean == action);
    CHECK(policy.action_for(Unscanned::encrypted) == action);
    CHECK(policy.quarantines() == (action == Action::quarantine));
    if (action == Action::discard) {
      CHECK(table.errors() ==
            Errors{"on_fail: 'on_fail' must be tempfail, accept, reject or quarantine, got "
                   "\"discard\""});
    } else {
      CHECK(table.errors().empty());
      CHECK(policy.on_fail == action);
    }
  }
}

TEST_CASE("a reason's own key goes before on_unscanned") {
  StageTable table(
      "on_unscanned = 'reject'\non_unscanned_encrypted = 'quarantine'\n"
      "on_unscanned_size = 'tempfail'\n");
  const Policy policy = read_policy(table.section());
  CHECK(table.errors().empty());
  CHECK(policy.action_for(Unscanned::encrypted) == Action::quarantine);
  CHECK(policy.action_for(Unscanned::size) == Action::tempfail);
  CHECK(policy.action_for(Unscanned::files) == Action::reject);
  CHECK(policy.action_for(Unscanned::failed) == Action::tempfail);
  CHECK(policy.quarantines());
}

TEST_CASE("the first action whose pattern fits the signature's name counts, else on_infected") {
  StageTable table(R"(
on_infected = 'reject'
reject_message = 'Virus %v'
reject_code = 554
reject_enhanced_code = '5.6.0'

[[stage.action]]
pattern = 'PUA.Win.*'
action = 'discard'

[[stage.action]]
pattern = 'PUA.*'
action = 'accept'

[[stage.action]]
pattern = 'Heuristics.Phishing.*'
action = 'reject'
reject_message = 'Phishing, says %v'
reject_code = 550
reject_enhanced_code = '5.7.28'

[[stage.action]]
pattern = '*.UNOFFICIAL'
action = 'tempfail'

[[stage.action]]
pattern = 'Suspect'
action = 'quarantine'
)");
  const Policy policy = read_policy(table.section());
  CHECK(table.errors() == Errors{});
  CHECK(decide(policy, "PUA.Win.Tool") == "discard");
  CHECK(decide(policy, "pua.win.tool") == "discard");
  CHECK(decide(policy, "PUA.Doc") == "accept");
  CHECK(decide(policy, "Not.PUA.Doc") == "reject 554 5.6.0 Virus Not.PUA.Doc");
  CHECK(decide(policy, "Heuristics.Phishing.Email.SSL-Spoof") ==
        "reject 550 5.7.28 Phishing, says Heuristics.Phishing.Email.SSL-Spoof");
  CHECK(decide(policy, "Mine.UNOFFICIAL") == "tempfail 451 4.6.0 Virus Mine.UNOFFICIAL");
  CHECK(decide(policy, "Suspect") == "quarantine");
  CHECK(decide(policy, "Suspects") == "reject 554 5.6.0 Virus Suspects");
  CHECK(policy.quarantines());
}

TEST_CASE("every fault of the actions is reported") {
  StageTable table(R"(reject_code = 451
reject_enhanced_code = '4.7.1'
[[stage.action]]
pattern = 'a['
action = 'destroy'
[[stage.action]]
pattern = 'PUA.*'
reject_enhanced_code = '5.7'
action = 'reject'
)");
  read_policy(table.section());
  const Errors errors = table.errors();
  REQUIRE(errors.size() == 5);
  CHECK(errors[0] == "reject_code: 'reject_code' must be 500..599, got 451");
  CHECK(errors[1].starts_with("reject_enhanced_code: 'reject_enhanced_code' must read like"));
  CHECK(errors[2].starts_with("pattern: 'a[' is no pattern: "));
  CHECK(errors[3].starts_with("action: 'action' must be accept, reject"));
  CHECK(errors[4].starts_with("reject_enhanced_code: "));
}

TEST_CASE("an action needs a pattern and an action") {
  StageTable table("[[stage.action]]\nreject_code = 550\n");
  read_policy(table.section());
  CHECK(table.errors().size() == 2);
}

}  // namespace
}  // namespace milterd::clamav
