#include "plugins/header_checks/edit_checks.hpp"

#include <doctest/doctest.h>

#include "stage_under_test.hpp"

using namespace milterd;
using namespace milterd::test;

namespace {

constexpr const char* mail = "From: joe@example.net\r\nSubject: s\r\n\r\nbody\r\n";

std::string checks(const std::vector<std::string>& rules) {
  return table_key("milter_header_checks", rules);
}

/// A stage in whose session the message has been received.
struct Watching : StageUnderTest {
  explicit Watching(const std::string& keys) : StageUnderTest(keys) {
    received.receive(mail, session.get());
  }
  HeaderEdit edit(std::string name, std::string value, std::size_t writer = 1) {
    HeaderEdit written{Modification::Op::add_header, writer, std::move(name), std::move(value),
                       true};
    answer = shown(session->on_header_edit(received.state(), written));
    return written;
  }
  std::string answer;
};

/// Tells the stage of its own edits too, as the host does.
struct Host final : HeaderWatcher {
  explicit Host(StageUnderTest& watching) : tested(watching) { tested.received.watcher = this; }
  void about_to_write(HeaderEdit& edit) override {
    REQUIRE(tested.session->on_header_edit(tested.received.state(), edit).has_value());
  }
  StageUnderTest& tested;
};

std::string shown(const HeaderEdit& edit) {
  return edit.keep ? edit.name + ":" + edit.value : "dropped";
}

}  // namespace

TEST_CASE("an edit is kept, dropped or replaced") {
  Watching tested(checks({"/^X-Drop: why$/ IGNORE", "/^X-Strip/ STRIP said so",
                          "/^X-Old: (.*)/ REPLACE X-New: $1", "/^X-Kept/ DUNNO"}));
  CHECK(shown(tested.edit("X-Drop", "why")) == "dropped");
  CHECK(tested.answer == "continue");
  CHECK(shown(tested.edit("X-Drop", "  why")) == "X-Drop:  why");
  CHECK(shown(tested.edit("X-Strip", " x")) == "dropped");
  CHECK(shown(tested.edit("X-Old", "a\r\n b")) == "X-New: a\n b");
  CHECK(shown(tested.edit("X-Kept", "x")) == "X-Kept:x");
  CHECK(tested.received.log.lines() ==
        Lines{"info milter-header-strip header=X-Strip: x client=mail.example.net[192.0.2.7] "
              "from=<joe@example.net> to=<jane@example.org> helo=<mail.example.net> "
              "reason=said so rule=inline table:2",
              "info milter-header-replace header=X-Old: a\n b client=mail.example.net[192.0.2.7] "
              "from=<joe@example.net> to=<jane@example.org> helo=<mail.example.net> "
              "reason=X-New: a\n b rule=inline table:3"});
}

TEST_CASE("an edit can have the message refused or held") {
  Watching tested(checks({"/^X-No/ REJECT 4.2.0 later", "/^X-Gone/ DISCARD", "/^X-Hold/ HOLD"}));
  tested.edit("X-Hold", "x", 1);
  CHECK(tested.answer == "quarantine");
  tested.edit("X-No", "x", 2);
  CHECK(tested.answer == "tempfail 451 4.2.0 later");
  // That stage's turn is lost; another's comes only if it was taken back.
  tested.edit("X-No", "x", 2);
  CHECK(tested.answer == "continue");
  tested.edit("X-Gone", "x", 3);
  CHECK(tested.answer == "discard");
}

TEST_CASE("an edit can change the envelope; REDIRECT ends the checks") {
  Watching tested(checks(
      {"/^X-Copy/ BCC copy@example.org", "/^X-Away/ REDIRECT r@example.org", "/^X-Drop/ IGNORE"}));
  tested.edit("X-Copy", "x");
  CHECK(tested.recipients() == "jane@example.org copy@example.org");
  tested.edit("X-Away", "x");
  CHECK(tested.answer == "continue");
  CHECK(tested.recipients() == "r@example.org");
  CHECK(shown(tested.edit("X-Drop", "x")) == "X-Drop:x");
  REQUIRE(tested.received.state().add_recipient({"late@example.org", ""}));
  CHECK(tested.shown(tested.session->on_end(tested.received.state())) == "continue");
  CHECK(tested.recipients() == "r@example.org");
}

TEST_CASE("a REDIRECT that was taken back ends nothing") {
  Watching tested(checks({"/^X-Away/ REDIRECT r@example.org", "/^X-Drop/ IGNORE"}));
  tested.edit("X-Away", "x");
  tested.received.state().roll_back();
  CHECK(tested.recipients() == "jane@example.org");
  CHECK(shown(tested.edit("X-Drop", "x", 2)) == "dropped");
  CHECK(tested.shown(tested.session->on_end(tested.received.state())) == "continue");
  CHECK(tested.recipients() == "jane@example.org");
}

TEST_CASE("where header_checks ended all checks, edits are not looked at") {
  Watching tested(checks({"/^X-Drop/ IGNORE"}) + table_key("header_checks", {"/^From/ PASS"}));
  CHECK(shown(tested.edit("X-Drop", "x")) == "X-Drop:x");
}

TEST_CASE("what the stage's own rules write is not looked at") {
  StageUnderTest tested(checks({"/^X-New/ IGNORE", "/^X-Other/ IGNORE"}) +
                        table_key("header_checks", {"/^From/ PREPEND X-New: 1"}));
  const Host host(tested);
  CHECK(tested.judge(mail) == "continue");
  REQUIRE(tested.received.state().add_header("X-Other", "dropped"));
  CHECK(tested.received.header_lines() == Lines{"X-New: 1", "From: joe@example.net", "Subject: s"});
}

TEST_CASE("what milter_header_checks do not know is warned of, and the edit kept") {
  Watching tested(checks({"/^X-A/ PASS", "/^X-B/ PREPEND X-C: d"}));
  CHECK(shown(tested.edit("X-A", "x")) == "X-A:x");
  CHECK(shown(tested.edit("X-B", "x")) == "X-B:x");
  CHECK(tested.received.log.lines() ==
        Lines{"warn rule.fault rule=inline table:1 reason=PASS is not supported in "
              "milter_header_checks",
              "warn rule.fault rule=inline table:2 reason=PREPEND is not implemented in "
              "milter_header_checks"});
}

TEST_CASE("an empty result is an error of the stage") {
  Watching tested(checks({"/^X-A: (z?)/ $1"}));
  tested.edit("X-A", "x");
  CHECK(
      tested.answer ==
      "error: milter_header_checks: the rule at inline table:1 gives an empty result; write DUNNO "
      "if it is to do nothing");
}
