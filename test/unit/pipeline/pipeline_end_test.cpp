#include <doctest/doctest.h>
#include <string>

#include "test/unit/pipeline/pipeline_run.hpp"

using milterd::Action;
using milterd::Outcome;
using milterd::test::Run;
using milterd::test::stage;
using milterd::test::words;

TEST_CASE("end: a stage edits after all stages have had their turn") {
  Run run(stage("end", "event = 'end'\nedits = ['add X-End 1']\nsee = true") +
          stage("other", "edits = ['add X-Turn 1']"));
  const Outcome& outcome = run.message();
  CHECK(words(outcome) == "continue continue");
  CHECK(run.header() == "From: a@example.org|Subject: s|X-Turn: 1|X-End: 1|");
  REQUIRE(outcome.modifications.size() == 2);
  CHECK(outcome.modifications[1].stage == 0);
  CHECK(outcome.notes == milterd::test::Fields{{"sees", "From,Subject,X-Turn"}});
}

TEST_CASE("end: a stage that does not ask for it is not called again") {
  Run run(stage("s", "edits = ['add X 1']"));
  CHECK(run.message().modifications.size() == 1);
}

TEST_CASE("end: nobody is called for a message that was refused") {
  Run run(stage("end", "event = 'end'\nedits = ['add X 1']") +
          stage("no", "verdict = 'reject'\nreason = 'bad'"));
  const Outcome& outcome = run.message();
  CHECK(outcome.decided_by == 1);
  CHECK(outcome.modifications.empty());
  CHECK(run.header() == "From: a@example.org|Subject: s|");
}

TEST_CASE("end: a refusal there counts, and names the stage") {
  Run run(stage("end", "event = 'end'\nverdict = 'reject'\nreason = 'too late'") +
          stage("other", "edits = ['add X 1']"));
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::reject);
  CHECK(outcome.decided_by == 0);
  CHECK(outcome.reason == "too late");
  CHECK(outcome.modifications.empty());
  CHECK(words(outcome) == "reject continue");
}

TEST_CASE("end: a quarantine there holds the message, behind all edits") {
  Run run(stage("end", "event = 'end'\nverdict = 'quarantine'\nreason = 'odd'") +
          stage("other", "edits = ['add X 1']"));
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::quarantine);
  REQUIRE(outcome.modifications.size() == 2);
  CHECK(outcome.modifications[1].value == "odd");
}

TEST_CASE("end: a failure there takes back only what was edited there, and on_error decides") {
  const std::string first = "event = 'end'\nedits = ['add X-End 1']\nfail = 'throw'\non_error = ";
  SUBCASE("accept") {
    Run run(stage("end", first + "'accept'") + stage("other", "edits = ['add X-Turn 1']"));
    const Outcome& outcome = run.message();
    CHECK(outcome.action == Action::proceed);
    CHECK(words(outcome) == "error continue");
    CHECK(run.header() == "From: a@example.org|Subject: s|X-Turn: 1|");
    CHECK(run.loaded.log.count("error stage.failed") == 1);
  }
  SUBCASE("tempfail") {
    Run run(stage("end", first + "'tempfail'") + stage("other", "edits = ['add X-Turn 1']"));
    const Outcome& outcome = run.message();
    CHECK(outcome.action == Action::tempfail);
    CHECK(outcome.decided_by == 0);
  }
  SUBCASE("quarantine") {
    Run run(stage("end", first + "'quarantine'") + stage("other", "edits = ['add X-Turn 1']"));
    CHECK(run.message().action == Action::quarantine);
  }
}

TEST_CASE("end: what a stage held in its turn stays held, whatever it says at the end") {
  Run run(stage("holds", "verdict = 'quarantine'\nreason = 'held'") +
          stage("end", "event = 'end'\nedits = ['add X 1']"));
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::quarantine);
  CHECK(words(outcome) == "quarantine continue");
  CHECK(run.header() == "From: a@example.org|Subject: s|X: 1|");
}

TEST_CASE("end: a shadow stage leaves nothing there") {
  Run run(stage("end", "event = 'end'\nedits = ['add X 1']\nverdict = 'reject'\nshadow = true"));
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::proceed);
  CHECK(outcome.modifications.empty());
  CHECK(run.loaded.log.count("info stage.shadow") == 1);
}

TEST_CASE("end: a stage that is not selected is not called there") {
  Run run(stage("end", "event = 'end'\nverdict = 'reject'") + stage("other", ""), {}, {"other"});
  CHECK(run.message().action == Action::proceed);
}

TEST_CASE("transaction: the stage of an edit has its name") {
  Run run(stage("one", "") + stage("two", "edits = ['add X 1']"));
  const Outcome& outcome = run.message();
  REQUIRE(outcome.modifications.size() == 1);
  const auto& transaction = run.session->transaction();
  CHECK(transaction.stage_name(outcome.modifications[0].stage) == "two");
  CHECK(transaction.stage_name(7) == "?");
}
