#include "milterd/pipeline/pipeline_session.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "milterd/pipeline/summary.hpp"
#include "test/unit/pipeline/pipeline_run.hpp"

using milterd::Action;
using milterd::Outcome;
using milterd::PipelineSession;
using milterd::StageOutcome;
using milterd::test::Fields;
using milterd::test::Run;
using milterd::test::stage;
using milterd::test::words;

TEST_CASE("pipeline: without a stage everything passes") {
  Run run("");
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::proceed);
  CHECK(outcome.modifications.empty());
  CHECK_FALSE(outcome.reply);
  CHECK(run.loaded.log.count("warn config.no_stage effect=every message passes unchecked") == 1);
}

TEST_CASE("pipeline: stages run in the order of the file, each sees the edits before it") {
  Run run(stage("one", "edits = ['add X-One 1']") +
          stage("two", "edits = ['change X-One 1 2']\nsee = true"));
  const Outcome& outcome = run.message();
  CHECK(words(outcome) == "continue continue");
  CHECK(run.header() == "From: a@example.org|Subject: s|X-One: 2|");
  REQUIRE(outcome.modifications.size() == 2);
  CHECK(outcome.modifications[0].stage == 0);
  CHECK(outcome.modifications[1].stage == 1);
  CHECK(outcome.notes == Fields{{"sees", "From,Subject,X-One"}});
}

TEST_CASE("pipeline: reject, tempfail and discard end the run and leave no edit") {
  struct Case {
    const char *verdict, *reply;
    Action action;
  };
  for (const auto& [verdict, reply, action] :
       {Case{"reject", "550 5.7.1 Message refused", Action::reject},
        Case{"tempfail", "451 4.7.1 Try again later", Action::tempfail},
        Case{"discard", "", Action::discard}}) {
    CAPTURE(verdict);
    Run run(stage("before", "edits = ['add X-Before 1']") +
            stage("ends", std::string("reason = 'because'\nverdict = '") + verdict + "'") +
            stage("after", "verdict = 'reject'"));
    const Outcome& outcome = run.message();
    CHECK(outcome.action == action);
    CHECK(outcome.decided_by == 1);
    CHECK(outcome.reason == "because");
    CHECK(outcome.modifications.empty());
    CHECK((outcome.reply ? one_line(*outcome.reply) : "") == reply);
    CHECK(words(outcome) == std::string("continue ") + verdict + " skipped");
  }
}

TEST_CASE("pipeline: a stage's own reply is used if its code fits the verdict") {
  Run fits(stage("s", "verdict = 'reject'\ncode = 554\nenhanced = '5.7.0'\ntext = 'no'"));
  CHECK(one_line(*fits.message().reply) == "554 5.7.0 no");
  Run wrong(stage("s", "verdict = 'reject'\ncode = 451\nenhanced = '4.7.0'\ntext = 'no'"));
  CHECK(one_line(*wrong.message().reply) == "550 5.7.1 Message refused");
}

TEST_CASE("pipeline: accept ends the stage that says it, and never skips another") {
  for (const char* event : {"connect", "helo", "mail", "rcpt", "data", "message"}) {
    CAPTURE(event);
    Run run(stage("accepts", std::string("verdict = 'accept'\nevent = '") + event + "'") +
            stage("refuses", "verdict = 'reject'"));
    const Outcome& outcome = run.message();
    CHECK(outcome.action == Action::reject);
    CHECK(outcome.decided_by == 1);
  }
}

TEST_CASE("pipeline: quarantine does not end the run; a refusal after it wins") {
  Run held(stage("holds", "verdict = 'quarantine'\nreason = 'looks odd'") +
           stage("edits", "edits = ['add X-After 1']"));
  const Outcome& outcome = held.message();
  CHECK(outcome.action == Action::quarantine);
  CHECK(outcome.decided_by == 0);
  CHECK_FALSE(outcome.reply);
  REQUIRE(outcome.modifications.size() == 2);
  CHECK(outcome.modifications[0].op == milterd::Modification::Op::add_header);
  CHECK(outcome.modifications[1].op == milterd::Modification::Op::quarantine);
  CHECK(outcome.modifications[1].value == "looks odd");
  CHECK(words(outcome) == "quarantine continue");

  Run refused(stage("holds", "verdict = 'quarantine'") + stage("refuses", "verdict = 'reject'"));
  CHECK(refused.message().action == Action::reject);
  CHECK(refused.session->outcome().modifications.empty());
}

TEST_CASE("pipeline: a failing stage gets its on_error, its edits are taken back, others run on") {
  for (const char* fail : {"error", "throw", "throw_int"}) {
    CAPTURE(fail);
    const std::string bad = std::string("edits = ['add X-Half 1', 'delete Subject 1']\nfail = '") +
                            fail + "'\non_error = ";
    Run accepts(stage("bad", bad + "'accept'") + stage("good", "edits = ['add X-Good 1']"));
    const Outcome& accepted = accepts.message();
    CHECK(accepted.action == Action::proceed);
    CHECK(accepts.header() == "From: a@example.org|Subject: s|X-Good: 1|");
    CHECK(accepted.modifications.size() == 1);
    CHECK(words(accepted) == "error continue");
    CHECK(accepts.loaded.log.count("error stage.failed queue_id=4Yk2 stage=bad event=message") ==
          1);

    Run defers(stage("bad", bad + "'tempfail'"));
    CHECK(one_line(*defers.message().reply) ==
          "451 4.3.0 Message could not be checked, try again later");
    CHECK(defers.session->outcome().decided_by == 0);

    Run refuses(stage("bad", bad + "'reject'"));
    CHECK(one_line(*refuses.message().reply) == "554 5.3.0 Message could not be checked");

    Run holds(stage("bad", bad + "'quarantine'") + stage("good", "edits = ['add X-Good 1']"));
    const Outcome& held = holds.message();
    CHECK(held.action == Action::quarantine);
    CHECK(held.modifications.size() == 2);
    CHECK(holds.header() == "From: a@example.org|Subject: s|X-Good: 1|");
  }
}

TEST_CASE("pipeline: tempfail is what a failure does where nothing is said") {
  Run run(stage("bad", "fail = 'error'"));
  CHECK(run.message().action == Action::tempfail);
}

TEST_CASE("pipeline: a stage that overruns its time failed, though it came back") {
  Run run(stage("slow",
                "delay = '30ms'\ntimeout = '5ms'\nedits = ['add X-Late 1']\n"
                "on_error = 'accept'") +
          stage("good", "edits = ['add X-Good 1']"));
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::proceed);
  CHECK(words(outcome) == "error continue");
  CHECK(run.header() == "From: a@example.org|Subject: s|X-Good: 1|");
  CHECK(outcome.stages[0].reason.find("its time limit was 5 ms") != std::string::npos);
}

TEST_CASE("pipeline: the message's time is shared; what is left out of it failed") {
  Run run("[limits]\nmessage_time = \"1s\"\n" +
          stage("slow", "delay = '1100ms'\non_error = 'accept'") +
          stage("late", "edits = ['add X-Late 1']\non_error = 'accept'"));
  const Outcome& outcome = run.message();
  CHECK(words(outcome) == "error error");
  CHECK(outcome.stages[1].reason == "no time was left for it: the stages before it took it all");
}

TEST_CASE("pipeline: a shadow stage runs, is logged, and changes nothing") {
  Run run(stage("ghost", "shadow = true\nverdict = 'reject'\nreason = 'r'\nedits = ['add X 1']") +
          stage("broken", "shadow = true\nfail = 'throw'"));
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::proceed);
  CHECK(outcome.modifications.empty());
  CHECK(words(outcome) == "continue error");
  CHECK(outcome.stages[0].reason == "shadow, would reject: r");
  CHECK(run.loaded.log.count(
            "info stage.shadow queue_id=4Yk2 stage=ghost event=message would=reject") == 1);
  CHECK(run.loaded.log.count("on_error=none (shadow)") == 1);
}

TEST_CASE("pipeline: an event of the envelope is answered at once") {
  Run run(stage("picky",
                "event = 'rcpt'\nverdict = 'reject'\nonly_for = 'bad'\ncode = 550\n"
                "enhanced = '5.1.1'\ntext = 'not here'"));
  CHECK(run.session->mail({"a@example.org", ""}).action == Action::proceed);
  CHECK(run.session->rcpt({"good@example.net", ""}).action == Action::proceed);
  const auto refused = run.session->rcpt({"bad@example.net", ""});
  CHECK(refused.action == Action::reject);
  CHECK(one_line(refused.reply) == "550 5.1.1 not here");
  run.session->header_complete();
  CHECK(run.session->message().action == Action::proceed);
  CHECK(run.session->transaction().envelope().recipients.size() == 1);
  CHECK(run.loaded.log.count("info refused") == 1);
}

TEST_CASE("pipeline: discard or quarantine before there is a message is a failure of the stage") {
  Run run(stage("early", "event = 'connect'\nverdict = 'discard'\non_error = 'accept'"));
  CHECK(run.session->connect().action == Action::proceed);
  CHECK(run.loaded.log.count("it answered discard where there is no message yet") == 1);
}

TEST_CASE("pipeline: a failure at the envelope with on_error = quarantine holds the message") {
  Run run(stage("bad", "event = 'mail'\nfail = 'error'\non_error = 'quarantine'"));
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::quarantine);
  CHECK(outcome.modifications.at(0).value == "stage bad failed: told to fail");
}

TEST_CASE("pipeline: a failure before the first message counts for every message of the session") {
  const Fields forged = {{"Authentication-Results", " mx.example; dkim=pass"}, {"Subject", " s"}};
  for (const char* event : {"connect", "helo"}) {
    CAPTURE(event);
    const std::string fails = std::string("event = '") + event + "'\nfail = 'error'\n";
    Run held(stage("s", fails + "on_error = 'quarantine'"));
    CHECK(held.message().action == Action::quarantine);
    Run reports("[milter]\nauthserv_id = 'mx.example'\n" +
                stage("s", fails + "auth_result = 'pass'\non_error = 'accept'"));
    reports.message(forged);
    CHECK(reports.header() == "Subject: s|");
    for (int message = 2; message < 4; ++message) {
      CAPTURE(message);
      held.session->end_transaction();
      const Outcome& outcome = held.next_message(forged);
      CHECK(outcome.action == Action::quarantine);
      CHECK(outcome.modifications.size() == 1);
      CHECK(words(outcome) == "error");
      reports.session->end_transaction();
      reports.next_message(forged);
      CHECK(reports.header() == "Subject: s|");
    }
  }
}

TEST_CASE("pipeline: a stage that fails over one recipient sees the others and the message") {
  for (const char* on_error : {"tempfail", "reject"}) {
    CAPTURE(on_error);
    Run run(
        stage("s", std::string("event = 'rcpt'\nfail = 'error'\nonly_for = 'bad'\non_error = '") +
                       on_error + "'"));
    run.session->connect();
    run.session->mail({"a@example.org", ""});
    CHECK(std::string(to_string(run.session->rcpt({"bad@example.net", ""}).action)) == on_error);
    CHECK(run.session->rcpt({"good@example.net", ""}).action == Action::proceed);
    CHECK(std::string(to_string(run.session->rcpt({"bad2@example.net", ""}).action)) == on_error);
    run.session->data();
    run.session->header_complete();
    const Outcome& outcome = run.session->message();
    CHECK(outcome.action == Action::proceed);
    CHECK(words(outcome) == "continue");
  }
}

TEST_CASE("pipeline: quarantine that the MTA does not grant becomes a temporary failure") {
  Run run(stage("holds", "verdict = 'quarantine'\non_error = 'accept'"), {.quarantine = false});
  CHECK(run.message().action == Action::tempfail);
}

TEST_CASE("pipeline: limits get their configured answer, and no stage runs") {
  struct Case {
    const char *limit, *reply, *word;
  };
  for (const auto& [limit, reply, word] :
       {Case{"message_size = '1KiB'", "552 5.3.4 Message too large", "reject"},
        Case{"message_size = '1KiB'\non_message_limit = 'tempfail'", "452 4.3.4 Message too large",
             "tempfail"},
        Case{"message_size = '1KiB'\non_message_limit = 'discard'", "", "discard"},
        Case{"header_count = 1", "552 5.3.4 Message header too large", "reject"}}) {
    CAPTURE(limit);
    Run run(std::string("[limits]\n") + limit + "\n" + stage("s", "edits = ['add X 1']"));
    run.session->mail({"a@example.org", ""});
    run.session->rcpt({"b@example.net", ""});
    run.session->rcpt({"c@example.net", ""});
    run.session->header("A", " 1");
    run.session->header("B", " 2");
    run.session->header_complete();
    run.session->body(std::string(2000, 'b'));
    const Outcome& outcome = run.session->message();
    CHECK(to_string(outcome.action) == std::string(word));
    CHECK((outcome.reply ? one_line(*outcome.reply) : "") == reply);
    CHECK(words(outcome) == "skipped");
    CHECK_FALSE(outcome.decided_by);
    CHECK(run.loaded.log.count("info message") == 1);
  }
}

TEST_CASE(
    "pipeline: over a limit of recipients each one more is refused, the others get the mail") {
  Run run("[limits]\nrecipients = 1\n");
  run.session->mail({"a@example.org", ""});
  CHECK(run.session->rcpt({"b@example.net", ""}).action == Action::proceed);
  const auto more = run.session->rcpt({"c@example.net", ""});
  CHECK(more.action == Action::tempfail);
  CHECK(one_line(more.reply) == "452 4.5.3 Too many recipients");
  run.session->header_complete();
  CHECK(run.session->message().action == Action::proceed);
  CHECK(run.session->transaction().envelope().recipients.size() == 1);
}

TEST_CASE("pipeline: where RCPT TO gets no answer of ours, the message over the limit gets it") {
  Run run("[limits]\nrecipients = 1000\non_recipient_limit = 'reject'\n");
  CHECK_FALSE(run.loaded.pipeline->needs().rcpt);
  run.session->mail({"a@example.org", ""});
  for (int count = 0; count < 1001; ++count) {
    CHECK(run.session->rcpt({"b@example.net", ""}).action == Action::proceed);
  }
  run.session->header_complete();
  CHECK(one_line(*run.session->message().reply) == "550 5.5.3 Too many recipients");
}

TEST_CASE("pipeline: one Authentication-Results at the very top, before a stage that reads it") {
  Run run(stage("auth1", "auth_result = 'pass'") + stage("auth2", "auth_result = 'fail'") +
          stage("reader", "see = true"));
  const Outcome& outcome = run.message({{"From", " a@example.org"},
                                        {"Authentication-Results", " mx.example.org; dkim=pass"},
                                        {"Authentication-Results", " other.example; dkim=pass"},
                                        {"authentication-results", " MX.example.org; spf=pass"}});
  CHECK(
      run.header() ==
      "Authentication-Results: mx.example.org;\r\n\ttest=pass;\r\n\ttest=fail|From: a@example.org|"
      "Authentication-Results: other.example; dkim=pass|");
  CHECK(outcome.notes == Fields{{"sees", "Authentication-Results,From,Authentication-Results"}});
  // The forged ones go from the highest index down, ours comes last.
  REQUIRE(outcome.modifications.size() == 3);
  CHECK(outcome.modifications[0].index == 3);
  CHECK(outcome.modifications[1].index == 1);
  CHECK(outcome.modifications[2].op == milterd::Modification::Op::insert_header);
  CHECK(outcome.modifications[2].index == 0);
  CHECK(outcome.modifications[2].stage == 1);
}

TEST_CASE("pipeline: forged results go even where the stage that reports failed") {
  Run run(stage("auth", "auth_result = 'pass'\nfail = 'error'\non_error = 'accept'"));
  run.message({{"Authentication-Results", " mx.example.org; dkim=pass"}, {"From", " a@b"}});
  CHECK(run.header() == "From: a@b|");
}

TEST_CASE("pipeline: stages that are not selected are skipped") {
  Run run(stage("one", "verdict = 'reject'") + stage("two", "edits = ['add X 1']"), {}, {"two"});
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::proceed);
  CHECK(words(outcome) == "skipped continue");
}

TEST_CASE("pipeline: a session that refuses answers the next message without asking a stage") {
  Run run(stage("s", "edits = ['add X 1']"));
  run.session->refuse({421, "4.3.2", {"Service shutting down"}}, "milterd stops");
  const Outcome& outcome = run.message();
  CHECK(outcome.action == Action::tempfail);
  CHECK(one_line(*outcome.reply) == "421 4.3.2 Service shutting down");
  CHECK(words(outcome) == "skipped");
}

TEST_CASE("pipeline: several messages of a session do not know each other") {
  Run run(stage("s", "edits = ['add X 1']\nonly_for = 'first'"));
  CHECK(run.message({{"Subject", " first"}}).modifications.size() == 1);
  run.session->end_transaction();
  CHECK(run.message({{"Subject", " second"}}).modifications.empty());
  CHECK(run.loaded.log.count("info message queue_id=4Yk2") == 2);
}

TEST_CASE(
    "pipeline: the log line of a message says what was decided, by whom, and how long it took") {
  Run run(stage("first", "") + stage("second", "verdict = 'reject'\nreason = 'bad words'"));
  run.message();
  const auto lines = run.loaded.log.lines();
  const std::string& line = lines.back();
  CHECK(
      line.starts_with("info message queue_id=4Yk2 client=client.example[192.0.2.7] helo=client "
                       "from=<a@example.org> "
                       "to=<b@example.net> nrcpt=1 size=41 verdict=reject decided_by=second "
                       "reply=550 5.7.1 Message refused reason=bad words stage.first=continue/"));
  CHECK(line.find(" stage.second=reject/") != std::string::npos);
  CHECK(line.find(" edits=0 ms=") != std::string::npos);
}

TEST_CASE("pipeline: a message without MAIL FROM is not taken") {
  Run run("");
  CHECK(run.session->message().action == Action::tempfail);
}

TEST_CASE(
    "pipeline: of several bodies the last is sent, behind the other edits; quarantine is last") {
  Run run(stage("a", "edits = ['quarantine first', 'body one', 'add X-A 1']") +
          stage("b", "edits = ['body two', 'add X-B 2', 'quarantine second']"));
  std::string order;
  for (const auto& edit : run.message().modifications) {
    order += std::string(to_string(edit.op)) + " " + edit.name + edit.value + "|";
  }
  CHECK(order == "add_header X-A 1|add_header X-B 2|replace_body |quarantine first|");
  CHECK(*run.session->transaction().new_body() == "two\r\n");
}

TEST_CASE("log: a client without a name is unknown, as in Postfix's log") {
  using milterd::client_of;
  CHECK(client_of({"", "mx.example.org", "192.0.2.7", ""}) == "mx.example.org[192.0.2.7]");
  CHECK(client_of({"", "[192.0.2.7]", "192.0.2.7", ""}) == "unknown[192.0.2.7]");
  CHECK(client_of({"", "", "", ""}) == "unknown[]");
}
