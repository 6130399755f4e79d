#include "plugins/header_checks/message_checks.hpp"

#include <doctest/doctest.h>
#include <map>

#include "stage_under_test.hpp"

using namespace milterd;
using namespace milterd::test;

namespace {

constexpr const char* mail =
    "From: joe@example.net\r\nSubject: one\r\n two\r\nX-A: 1\r\nX-A: 2\r\n\r\nfirst\r\nsecond\r\n";

constexpr const char* multipart =
    "Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n"
    "Content-Disposition: attachment; name=a.exe\r\nX-P: 1\r\n\r\ntext\r\n--b--\r\n";

std::string checks(const std::vector<std::string>& rules) {
  return table_key("header_checks", rules);
}

}  // namespace

TEST_CASE("without tables nothing happens, and nothing is asked for") {
  StageUnderTest tested("");
  CHECK(tested.judge(mail) == "continue");
  CHECK(tested.received.state().modifications().empty());
  const Needs needs = tested.stage->needs();
  CHECK_FALSE((needs.header || needs.body || needs.edits_header || needs.edits_body ||
               needs.edits_recipients || needs.quarantines || needs.header_edits || needs.end));
}

TEST_CASE("a rule refuses, discards or holds the message") {
  const std::map<std::string, std::string> cases = {
      {"REJECT", "reject 550 5.7.1 message content rejected"},
      {"REJECT 5.6.0 caf\xc3\xa9", "reject 550 5.6.0 caf  "},
      {"REJECT 4.3.0 later", "tempfail 451 4.3.0 later"},
      {"REJECT 2.3.0 later", "tempfail 451 4.3.0 later"},
      {"DISCARD", "discard"},
      {"HOLD", "quarantine"},
      {"NOSUCH", "continue"},
      {"DUNNO", "continue"},
  };
  for (const auto& [action, answer] : cases) {
    CAPTURE(action);
    StageUnderTest tested(checks({"/^Subject:/ " + action}));
    CHECK(tested.judge(mail) == answer);
    CHECK(tested.received.header_lines().size() == 4);
  }
}

TEST_CASE("header fields are matched with their folds, in message order, first rule first") {
  StageUnderTest tested(checks({"/^Subject: one\\n two$/ HOLD $0", "/^Subject:/ REJECT"}));
  // $0 is no group: the rule is skipped, and the next one decides.
  CHECK(tested.judge(mail) == "reject 550 5.7.1 message content rejected");
  StageUnderTest first(checks({"/^X-A: 2/ REJECT second", "/^X-A: (.)/ REJECT first $1"}));
  CHECK(first.judge(mail) == "reject 550 5.7.1 first 1");
}

TEST_CASE("fields are prepended, replaced and taken out where they stand") {
  StageUnderTest tested(
      checks({"/^From:/ PREPEND X-New: yes", "/^Subject: (.*)/ REPLACE Subject: was $1",
              "/^X-A: 1/ REPLACE X-B: 1", "/^X-A: 2/ IGNORE"}));
  CHECK(tested.judge(mail) == "continue");
  CHECK(tested.received.header_lines() ==
        Lines{"X-New: yes", "From: joe@example.net", "Subject: was one\r\n two", "X-B: 1"});
}

TEST_CASE("a message that is refused is not edited") {
  StageUnderTest tested(checks({"/^From:/ PREPEND X-New: yes", "/^Subject:/ REJECT"}) +
                        table_key("body_checks", {"/^first/ IGNORE"}));
  CHECK(tested.judge(mail) == "reject 550 5.7.1 message content rejected");
  CHECK(tested.received.state().modifications().empty());
}

TEST_CASE("a text with line ends becomes a folded field") {
  StageUnderTest tested(checks({"/^Subject: (one\\n)( )(.*)/ REPLACE Subject: $1$3"}));
  CHECK(tested.judge(mail) == "continue");
  CHECK(tested.received.header_lines()[1] == "Subject: one\r\n\ttwo");
}

TEST_CASE(
    "fields that an earlier stage wrote are not looked at, those it took out are not edited") {
  StageUnderTest tested(checks({"/^X-A: 1/ PREPEND X-New: 1", "/^X-A: 2/ PREPEND X-New: 2",
                                "/^X-Early:/ REJECT", "/^From:/ PREPEND X-New: 0"}));
  TransactionState& transaction = tested.received.receive(mail, tested.session.get());
  REQUIRE(transaction.insert_header(0, "X-Early", "top"));
  REQUIRE(transaction.delete_header(3));
  REQUIRE(transaction.insert_header(1, "X-Early", "below the MTA's"));
  CHECK(tested.shown(tested.session->on_message(transaction)) == "continue");
  CHECK(tested.received.header_lines() == Lines{"X-Early: top", "X-Early: below the MTA's",
                                                "X-New: 0", "From: joe@example.net",
                                                "Subject: one\r\n two", "X-New: 2", "X-A: 2"});
}

TEST_CASE("MIME fields go to mime_header_checks wherever they stand") {
  StageUnderTest tested(table_key("header_checks", {"/./ WARN $0", "/Content/ REJECT header"}) +
                        table_key("mime_header_checks", {"/Content-Type/ REJECT mime"}));
  CHECK(tested.judge(multipart) == "reject 550 5.7.1 mime");
}

TEST_CASE("mime_header_checks and nested_header_checks are header_checks unless they are set") {
  StageUnderTest tested(checks({"/name=.*exe/ REJECT no programs"}));
  CHECK(tested.judge(multipart) == "reject 550 5.7.1 no programs");
  StageUnderTest none(checks({"/name=.*exe/ REJECT no programs"}) +
                      "mime_header_checks = []\nnested_header_checks = []\n");
  CHECK(none.judge(multipart) == "continue");
}

TEST_CASE("fields of parts are edited in the body") {
  StageUnderTest tested("header_checks = []\n" +
                        table_key("mime_header_checks",
                                  {"/^X-P: 1/ REPLACE X-Q: 2", "/^Content-Disp/ PREPEND X-O: 0"}));
  CHECK(tested.judge(multipart) == "continue");
  CHECK(tested.received.state().body() ==
        "preamble\r\n--b\r\nX-O: 0\r\nContent-Disposition: attachment; name=a.exe\r\nX-Q: 2\r\n\r\n"
        "text\r\n--b--\r\n");
  CHECK(tested.received.state().modifications().size() == 1);
}

TEST_CASE("body lines are replaced, prepended and taken out") {
  StageUnderTest tested(table_key(
      "body_checks", {"/^first/ PREPEND before", "/^sec(.*)/ REPLACE $1", "/^third/ IGNORE"}));
  CHECK(tested.judge("Subject: s\r\n\r\nfirst\r\nsecond\r\nthird\r\nfourth\r\n") == "continue");
  CHECK(tested.received.state().body() == "before\r\nfirst\r\nond\r\nfourth\r\n");
}

TEST_CASE("a piece of a long line is edited without its neighbours") {
  const std::string keys = "line_length_limit = \"16B\"\n";
  const std::string message = "Subject: s\r\n\r\n0123456789abcdefrest\r\nlast\r\n";
  StageUnderTest taken(keys + table_key("body_checks", {"/^rest/ IGNORE"}));
  CHECK(taken.judge(message) == "continue");
  CHECK(taken.received.state().body() == "0123456789abcdeflast\r\n");
  StageUnderTest replaced(keys + table_key("body_checks", {"/^0123/ REPLACE x"}));
  CHECK(replaced.judge(message) == "continue");
  CHECK(replaced.received.state().body() == "xrest\r\nlast\r\n");
}

TEST_CASE("REDIRECT leaves one recipient, BCC adds one, and the last REDIRECT counts") {
  StageUnderTest bcc(
      checks({"/^X-A: (.)/ BCC copy$1@example.org", "/^Subj/ BCC jane@example.org"}));
  CHECK(bcc.judge(mail) == "continue");
  CHECK(bcc.recipients() == "jane@example.org copy1@example.org copy2@example.org");
  StageUnderTest redirect(checks({"/^From/ BCC copy@example.org", "/^Subj/ REDIRECT r@example.org",
                                  "/^X-A/ REJECT never reached"}));
  CHECK(redirect.judge(mail) == "continue");
  CHECK(redirect.recipients() == "r@example.org");
  // What other stages add later is redirected too.
  REQUIRE(redirect.received.state().add_recipient({"late@example.org", ""}));
  CHECK(redirect.shown(redirect.session->on_end(redirect.received.state())) == "continue");
  CHECK(redirect.recipients() == "r@example.org");
}

TEST_CASE("PASS ends all checks, and what was decided before stays") {
  StageUnderTest tested(checks({"/^From/ HOLD look", "/^Subject/ PASS", "/^X-A/ REJECT"}) +
                        table_key("body_checks", {"/./ REJECT"}));
  const Result<Verdict> verdict = tested.run(mail);
  CHECK(tested.shown(verdict) == "quarantine");
  CHECK(verdict->reason == "look (inline table:1)");
}

TEST_CASE("a broken result, and FILTER behind a $, are failures of the stage") {
  StageUnderTest empty(checks({"/^X-A: 1(z?)/ $1"}));
  CHECK(empty.judge(mail) ==
        "error: header_checks: the rule at inline table:1 gives an empty result; write DUNNO if it "
        "is to do nothing");
  StageUnderTest filter(checks({"/^Subject: (.)/ ${1}x", "/^X-A: 1/ DUNNO"}));
  CHECK(filter.judge(mail) == "continue");
  StageUnderTest named(checks({"/^X-F: (.*)/ $1"}));
  CHECK(named.judge("X-F: FILTER smtp:x\r\n\r\n")
            .starts_with("error: header_checks: inline table:1: FILTER needs"));
}

TEST_CASE("a message whose deadline has passed is not waved through") {
  StageUnderTest tested(checks({"/^Subject/ DUNNO"}));
  tested.received.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  CHECK(tested.judge(mail) ==
        "error: header_checks: the tables need more time for this message than the stage has; make "
        "their patterns simpler or 'timeout' longer");
}

TEST_CASE("parts nested too deep are refused where headers are checked") {
  std::string message = "Content-Type: multipart/mixed";
  for (int count = 0; count < 4; ++count) {
    message += "; boundary=b" + std::to_string(count);
  }
  message += "\r\n\r\n--b0\r\n";
  StageUnderTest tested("mime_nesting_limit = 1\n" + checks({"/^X-None/ REJECT"}));
  CHECK(tested.judge(message) == "reject 550 5.6.0 MIME nesting exceeds safety limit");
  StageUnderTest body("mime_nesting_limit = 1\n" + table_key("body_checks", {"/^X-None/ REJECT"}));
  CHECK(body.judge(message) == "continue");
  StageUnderTest discards("mime_nesting_limit = 1\n" +
                          table_key("body_checks", {"/^--b0/ DISCARD"}) +
                          checks({"/^X-None/ REJECT"}));
  CHECK(discards.judge(message) == "discard");
}

TEST_CASE("each rule that acts has a line in the log, in the shape of Postfix's") {
  StageUnderTest tested(checks({"/^Subject/ WARN careful", "/^X-A: 1/ IGNORE", "/^X-A: 2/ STRIP"}) +
                        table_key("body_checks", {"/^first/ REJECT 5.5.5 bad line"}));
  CHECK(tested.judge(mail) == "reject 550 5.5.5 bad line");
  CHECK(tested.received.log.lines() ==
        Lines{"info warning header=Subject: one\n two client=mail.example.net[192.0.2.7] "
              "from=<joe@example.net> to=<jane@example.org> helo=<mail.example.net> reason=careful "
              "rule=inline table:1",
              "info strip header=X-A: 2 client=mail.example.net[192.0.2.7] from=<joe@example.net> "
              "to=<jane@example.org> helo=<mail.example.net> rule=inline table:3",
              "info reject body=first client=mail.example.net[192.0.2.7] from=<joe@example.net> "
              "to=<jane@example.org> helo=<mail.example.net> reason=5.5.5 bad line "
              "rule=inline table:1"});
  CHECK(tested.received.notes() == Lines{"header_checks=inline table:1 REJECT"});
}

TEST_CASE("a client without a name is unknown in the log") {
  StageUnderTest tested(checks({"/^Subject/ WARN"}));
  tested.received.session.client_name = "[192.0.2.7]";
  CHECK(tested.judge(mail) == "continue");
  CHECK(tested.received.log.count(" client=unknown[192.0.2.7] ") == 1);
}

TEST_CASE("HOLD is logged once, as Postfix does") {
  StageUnderTest tested(checks({"/^X-A: (.)/ HOLD for $1"}));
  const Result<Verdict> verdict = tested.run(mail);
  CHECK(tested.shown(verdict) == "quarantine");
  CHECK(verdict->reason == "for 1 (inline table:1)");
  CHECK(tested.received.log.lines("info hold").size() == 1);
}

TEST_CASE("the log names the recipient that came last, as Postfix does") {
  StageUnderTest tested(checks({"/^Subject/ WARN"}));
  TransactionState& transaction = tested.received.receive(mail);
  transaction.add_envelope_recipient({"last@example.org", ""});
  CHECK(tested.shown(tested.session->on_message(transaction)) == "continue");
  CHECK(tested.received.log.count(" to=<last@example.org> ") == 1);
  // What the rules make of the envelope is not who the message was sent to.
  StageUnderTest redirected(
      checks({"/^From/ BCC copy@example.org", "/^Subject/ REDIRECT r@example.org"}));
  CHECK(redirected.judge(mail) == "continue");
  CHECK(redirected.recipients() == "r@example.org");
  CHECK(redirected.received.log.count(" to=<jane@example.org> ") == 2);
  StageUnderTest copied(table_key("milter_header_checks", {"/^X-Copy/ BCC copy@example.org"}));
  TransactionState& state = copied.received.receive(mail, copied.session.get());
  for (int count = 0; count < 2; ++count) {
    HeaderEdit edit{Modification::Op::add_header, 1, "X-Copy", "x", true};
    CHECK(copied.shown(copied.session->on_header_edit(state, edit)) == "continue");
  }
  CHECK(copied.received.log.count(" to=<jane@example.org> ") == 2);
}

TEST_CASE("a rule's fault is told once in a message") {
  StageUnderTest tested(checks({"/^X-A/ REDIRECT nobody"}));
  CHECK(tested.judge(mail) == "continue");
  CHECK(tested.received.log.lines() ==
        Lines{"warn rule.fault rule=inline table:1 reason=REDIRECT needs an address user@domain, "
              "not 'nobody'"});
}

TEST_CASE("a catastrophic pattern is no match, in bounded time, with one warning") {
  StageUnderTest tested("match_limit = 10000\n" + checks({"/^X-A: (a+)+$/ REJECT"}));
  std::string message;
  for (int count = 0; count < 50; ++count) {
    message += "X-A: " + std::string(200, 'a') + "b\r\n";
  }
  const auto begin = std::chrono::steady_clock::now();
  CHECK(tested.judge(message + "\r\n") == "continue");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
  CHECK(tested.received.log.count("rule.fault rule=inline table:1") == 1);
  CHECK(tested.received.log.lines().size() == 1);
}

TEST_CASE("a fault is told of the table that has it alone") {
  StageUnderTest tested("match_limit = 1000\nheader_checks = ['''" +
                        inline_table({"/^X-A: (a+)+$/ REJECT"}) + ", " +
                        inline_table({"/^X-A: ab/ REJECT"}) + "''']\n");
  CHECK(tested.judge("X-A: " + std::string(100, 'a') + "b\r\n\r\n") == "continue");
  CHECK(tested.received.log.lines().size() == 1);
}

TEST_CASE("10,000 fields and one of a mebibyte are bounded, decided and logged") {
  StageUnderTest tested(
      checks({"/^X-Many/ WARN", "/^X-Large: .*z$/ REJECT never seen", "/^X-Large/ HOLD"}) +
      table_key("milter_header_checks", {"/./ WARN"}));
  tested.received.limits.header_count = 20'000;
  tested.received.limits.header_size = 4 << 20;
  std::string message;
  for (int count = 0; count < 10'000; ++count) {
    message += "X-Many: \xff\r\n";
  }
  message += "X-Large: " + std::string(1 << 20, 'x') + "z\r\n\r\n";
  CHECK(tested.judge(message) == "quarantine");
  // A thousand lines, and one that says how many more there were.
  CHECK(tested.received.log.lines().size() == 1'001);
  CHECK(tested.received.log.lines().back() ==
        "warn rules.left_out count=9001 reason=more rules acted on this message than are logged");
  CHECK(tested.received.notes() == Lines{"header_checks=inline table:3 HOLD"});
  HeaderEdit edit{Modification::Op::add_header, 1, "X-Late", "x", true};
  CHECK(tested.shown(tested.session->on_header_edit(tested.received.state(), edit)) == "continue");
  CHECK(tested.received.log.count("rules.left_out") == 1);
}

TEST_CASE("NUL ends what a table sees of a line") {
  using namespace std::string_literals;
  StageUnderTest tested(checks({"/^X-A: a$/ HOLD", "/b/ REJECT"}));
  CHECK(tested.judge("X-A: a\0b\r\n\r\n"s) == "quarantine");
}

TEST_CASE("a table decodes encoded words where it is told to") {
  const std::string message = "Subject: =?utf-8?q?caf=C3=A9?=\r\n\r\n";
  const std::string table = inline_table({"/^Subject: caf\xc3\xa9/ REJECT"});
  StageUnderTest plain("header_checks = ['''" + table + "''']\n");
  CHECK(plain.judge(message) == "continue");
  StageUnderTest decoding("header_checks = ['''{ " + table + ", decode=rfc2047 }''']\n");
  CHECK(decoding.judge(message) == "reject 550 5.7.1 message content rejected");
  // A body has no encoded words.
  StageUnderTest body("body_checks = ['''{ " + table + ", decode=rfc2047 }''']\n");
  CHECK(body.judge("X-A: 1\r\n\r\n" + message) == "continue");
}

TEST_CASE("what the stage tells of a message names every rule that matched") {
  StageUnderTest tested(checks({"/^From/ DUNNO", "/^Subject/ WARN careful"}));
  CHECK(tested.judge(mail) == "continue");
  const auto matches = std::get<Value::Members>(tested.session->describe().data);
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].first == "matches");
  std::string shown;
  for (const Value& match : std::get<Value::List>(matches[0].second.data)) {
    for (const auto& [name, value] : std::get<Value::Members>(match.data)) {
      const auto* text = std::get_if<std::string>(&value.data);
      shown += name + "=" +
               (text != nullptr ? *text : std::to_string(std::get<std::int64_t>(value.data))) + ";";
    }
    shown += "|";
  }
  CHECK(shown ==
        "table=inline table;line=1;action=DUNNO;header=From: joe@example.net;text=;|"
        "table=inline table;line=2;action=WARN;header=Subject: one\n two;text=careful;|");
  tested.session->on_transaction_end();
  CHECK(std::get<Value::List>(
            std::get<Value::Members>(tested.session->describe().data)[0].second.data)
            .empty());
}

TEST_CASE("a stage needs what its rules may ask for, and no more") {
  const auto needs = [](const std::string& keys) {
    const Needs needed = StageUnderTest(keys).stage->needs();
    std::string text;
    text += needed.header ? "header " : "";
    text += needed.body ? "body " : "";
    text += needed.edits_header ? "edits_header " : "";
    text += needed.edits_body ? "edits_body " : "";
    text += needed.edits_recipients ? "edits_recipients " : "";
    text += needed.quarantines ? "quarantines " : "";
    text += needed.end ? "end " : "";
    text += needed.header_edits ? "header_edits " : "";
    return text;
  };
  CHECK(needs(checks({"/x/ REJECT"})) == "header body ");
  CHECK(needs(checks({"/x/ HOLD"})) == "header body quarantines ");
  CHECK(needs(checks({"/x/ IGNORE"})) == "header body edits_header edits_body ");
  CHECK(needs(checks({"/x/ IGNORE"}) + "mime_header_checks=[]\nnested_header_checks=[]\n") ==
        "header body edits_header ");
  CHECK(needs(table_key("mime_header_checks", {"/x/ IGNORE"})) ==
        "header body edits_header edits_body ");
  CHECK(needs(table_key("nested_header_checks", {"/x/ IGNORE"})) == "header body edits_body ");
  CHECK(needs(table_key("body_checks", {"/x/ STRIP"})) == "header body edits_body ");
  // What is no header field may be a line.
  CHECK(needs("mime_header_checks=[]\nnested_header_checks=[]\n" +
              checks({"/x/ REPLACE no field"}) +
              table_key("body_checks", {"/x/ REPLACE no field"})) == "header body edits_body ");
  CHECK(needs(checks({"/x/ BCC a@b"})) == "header body edits_recipients ");
  CHECK(needs(checks({"/x/ REDIRECT a@b"})) == "header body edits_recipients end ");
  CHECK(needs(checks({"/(x)/ $1"})) ==
        "header body edits_header edits_body edits_recipients quarantines end ");
  CHECK(needs(table_key("milter_header_checks", {"/x/ IGNORE"})) == "header_edits ");
  CHECK(needs(table_key("milter_header_checks", {"/x/ HOLD"})) == "quarantines header_edits ");
}
