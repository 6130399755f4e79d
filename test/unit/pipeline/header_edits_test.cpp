#include <doctest/doctest.h>
#include <string>

#include "test/unit/pipeline/pipeline_run.hpp"

using milterd::Action;
using milterd::Outcome;
using milterd::test::Run;
using milterd::test::stage;
using milterd::test::words;

namespace {

std::string watcher(const std::string& rest) {
  return stage("watcher", "only_for = 'X-Spam'\n" + rest);
}

const std::string adder = stage("adder", "edits = ['add X-Spam yes', 'add X-Other 1']");

}  // namespace

TEST_CASE("header edits: a stage sees those of the stages before and after it, with their names") {
  Run run(stage("one", "edits = ['add X-Spam 1']") + watcher("watch = 'look'") +
          stage("two", "edits = ['insert 0 X-Spam 2', 'change X-Spam 2 3']"));
  CHECK(run.message().modifications.size() == 3);
  const auto& log = run.loaded.log;
  CHECK(log.count("info scripted.watch queue_id=4Yk2 stage=watcher by=one op=add_header "
                  "name=X-Spam value=1") == 1);
  CHECK(log.count("info scripted.watch queue_id=4Yk2 stage=watcher by=two op=insert_header "
                  "name=X-Spam value=2") == 1);
  CHECK(log.count("info scripted.watch queue_id=4Yk2 stage=watcher by=two op=change_header "
                  "name=X-Spam value=3") == 1);
}

TEST_CASE("header edits: fields as received are not shown") {
  Run run(watcher("watch = 'look'\nverdict = 'reject'"));
  CHECK(run.message({{"X-Spam", " 1"}}).action == Action::proceed);
}

TEST_CASE("header edits: a dropped one is not made, the others are") {
  Run run(watcher("watch = 'drop'") + adder);
  CHECK(run.message().modifications.size() == 1);
  CHECK(run.header() == "From: a@example.org|Subject: s|X-Other: 1|");
}

TEST_CASE("header edits: a change that is dropped leaves the field as it was") {
  Run run(watcher("watch = 'drop'") + stage("s", "edits = ['change X-Spam 1 new']"));
  run.message({{"X-Spam", " old"}, {"Subject", " s"}});
  CHECK(run.header() == "X-Spam: old|Subject: s|");
}

TEST_CASE("header edits: a replacement is what the MTA gets") {
  Run run(watcher("watch = 'replace X-Clean no'") + adder);
  const Outcome& outcome = run.message();
  REQUIRE(outcome.modifications.size() == 2);
  CHECK(outcome.modifications[0].name == "X-Clean");
  CHECK(outcome.modifications[0].value == " no");
  CHECK(outcome.modifications[0].stage == 1);
}

TEST_CASE("header edits: a change to another name puts that field in the place of the old one") {
  Run run(watcher("watch = 'replace X-Clean no'") + stage("s", "edits = ['change X-Spam 1 new']"));
  const Outcome& outcome = run.message({{"First", " 1"}, {"X-Spam", " old"}, {"Last", " 2"}});
  CHECK(run.header() == "First: 1|X-Clean: no|Last: 2|");
  REQUIRE(outcome.modifications.size() == 2);
  CHECK(to_string(outcome.modifications[0].op) == std::string("delete_header"));
  CHECK(outcome.modifications[0].index == 1);
  CHECK(to_string(outcome.modifications[1].op) == std::string("insert_header"));
  CHECK(outcome.modifications[1].index == 2);
}

TEST_CASE("header edits: a verdict counts after the turn and names the watching stage") {
  Run run(watcher("watch = 'look'\nverdict = 'reject'\nreason = 'bad field'") + adder +
          stage("later", "edits = ['add X 1']"));
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::reject);
  CHECK(outcome.decided_by == 0);
  CHECK(outcome.reason == "bad field");
  CHECK(words(outcome) == "reject continue skipped");
}

TEST_CASE("header edits: a quarantine holds the message and the others run on") {
  Run run(watcher("watch = 'look'\nverdict = 'quarantine'\nreason = 'odd'") + adder);
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::quarantine);
  CHECK(outcome.modifications.back().value == "odd");
  CHECK(run.header() == "From: a@example.org|Subject: s|X-Spam: yes|X-Other: 1|");
}

TEST_CASE("header edits: what comes of those of a failing stage is taken back with them") {
  for (const char* verdict : {"reject", "quarantine"}) {
    Run run(watcher(std::string("watch = 'add_rcpt c@example.net'\nverdict = '") + verdict + "'") +
            stage("fails", "edits = ['add X-Spam 1']\nfail = 'error'\non_error = 'accept'"));
    const Outcome& outcome = run.message();
    CHECK(outcome.action == Action::proceed);
    CHECK(outcome.modifications.empty());
    CHECK(run.session->transaction().envelope().recipients.size() == 1);
  }
}

TEST_CASE("header edits: the envelope edits of a watching stage are its own") {
  Run run(watcher("watch = 'add_rcpt c@example.net'") + adder);
  const Outcome& outcome = run.message();
  REQUIRE(outcome.modifications.size() == 3);
  CHECK(outcome.modifications[0].stage == 0);
  CHECK(outcome.modifications[0].name == "c@example.net");
  CHECK(outcome.modifications[1].stage == 1);
}

TEST_CASE("header edits: a watching stage that fails leaves nothing, and its on_error decides") {
  struct Case {
    const char* on_error;
    Action action;
  };
  for (const auto& [on_error, action] :
       {Case{"accept", Action::proceed}, Case{"tempfail", Action::tempfail},
        Case{"reject", Action::reject}, Case{"quarantine", Action::quarantine}}) {
    for (const char* how : {"error", "throw"}) {
      CAPTURE(on_error);
      CAPTURE(how);
      Run run(watcher(std::string("watch = 'add_rcpt c@example.net'\nfail = '") + how +
                      "'\non_error = '" + on_error + "'") +
              adder);
      CHECK(run.message().action == action);
      CHECK(run.session->transaction().envelope().recipients.size() == 1);
      CHECK(run.loaded.log.count("error stage.failed queue_id=4Yk2 stage=watcher") == 1);
    }
  }
}

TEST_CASE("header edits: a shadow stage changes nothing there") {
  Run run(watcher("watch = 'drop'\nverdict = 'reject'\nshadow = true") + adder);
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::proceed);
  CHECK(outcome.modifications.size() == 2);
  CHECK(run.loaded.log.count("info stage.shadow") == 1);
}

TEST_CASE("header edits: the edits of a shadow stage decide nothing") {
  Run run(watcher("watch = 'look'\nverdict = 'reject'") +
          stage("shadowed", "edits = ['add X-Spam 1']\nshadow = true"));
  CHECK(run.message().action == Action::proceed);
}

TEST_CASE("header edits: the host's Authentication-Results is one of them") {
  Run run(stage("watcher",
                "only_for = 'Authentication-Results'\nwatch = 'look'\n"
                "verdict = 'reject'\nreason = 'no'") +
          stage("auth", "auth_result = 'pass'"));
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::reject);
  CHECK(outcome.decided_by == 0);
}
