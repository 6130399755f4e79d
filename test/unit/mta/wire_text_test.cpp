#include "milterd/mta/wire_text.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace milterd {
namespace {

std::string line_of(const std::string& text) {
  return wire_reply(Action::reject, {550, "5.7.1", {text}}).lines.front();
}

TEST_CASE("wire_reply: a line carries printable ASCII only, with '%' doubled") {
  CHECK(line_of("Infected with Eicar-Test") == "Infected with Eicar-Test");
  CHECK(line_of("100% sure, %n %s") == "100%% sure, %%n %%s");
  CHECK(line_of("two\r\nlines\tand a \x01 control") == "two  lines and a   control");
  CHECK(line_of("k\xc3\xa4se \xff") == "k??se ?");
}

TEST_CASE("wire_reply: a line is cut at 980 bytes, and never inside a doubled '%'") {
  CHECK(line_of(std::string(2000, 'x')) == std::string(980, 'x'));
  CHECK(line_of(std::string(979, 'x') + "%") == std::string(979, 'x'));
  CHECK(line_of(std::string(978, 'x') + "%y") == std::string(978, 'x') + "%%");
}

TEST_CASE("wire_reply: at most 32 lines go out, and empty ones do not") {
  const std::vector<std::string> lines(40, "line");
  CHECK(wire_reply(Action::reject, {550, "", lines}).lines.size() == 32);
  const auto reply = wire_reply(Action::reject, {550, "", {"", "a", "", "b"}});
  CHECK(reply.lines == std::vector<std::string>{"a", "b"});
}

TEST_CASE("wire_reply: there is always a text") {
  CHECK(wire_reply(Action::reject, {550, "5.7.1", {}}).lines ==
        std::vector<std::string>{"Message refused"});
  CHECK(wire_reply(Action::tempfail, {451, "4.7.1", {""}}).lines ==
        std::vector<std::string>{"Service unavailable - try again later"});
}

TEST_CASE("wire_reply: codes fit the action and each other") {
  struct Case {
    Action action;
    int code;
    const char* enhanced;
    const char* wire_code;
    const char* wire_enhanced;
  };
  const Case cases[] = {
      {Action::reject, 554, "5.7.0", "554", "5.7.0"},
      {Action::tempfail, 421, "4.3.2", "421", "4.3.2"},
      {Action::reject, 550, "", "550", ""},
      {Action::reject, 451, "4.7.1", "550", "5.7.1"},
      {Action::tempfail, 550, "5.7.1", "451", "4.7.1"},
      {Action::reject, 0, "", "550", "5.7.1"},
      {Action::reject, 600, "", "550", "5.7.1"},
      {Action::tempfail, 399, "", "451", "4.7.1"},
      {Action::reject, 550, "4.7.1", "550", ""},
      {Action::reject, 550, "5.7", "550", ""},
      {Action::reject, 550, "5.7.1.2", "550", ""},
      {Action::reject, 550, "5..1", "550", ""},
      {Action::reject, 550, "5.1234.1", "550", ""},
      {Action::reject, 550, "5.7.1 x", "550", ""},
  };
  for (const auto& one : cases) {
    CAPTURE(one.code);
    CAPTURE(one.enhanced);
    const auto reply = wire_reply(one.action, {one.code, one.enhanced, {"text"}});
    CHECK(reply.code == one.wire_code);
    CHECK(reply.enhanced == one.wire_enhanced);
  }
}

TEST_CASE("wire_value: folds go out as LF, other bytes stay") {
  CHECK(wire_value(" a\r\n\tb\r\n c", true) == " a\n\tb\n c");
  CHECK(wire_value(" a\rb\nc\r", true) == " a\rb\nc\r");
  CHECK(wire_value(" \x80\xff", true) == " \x80\xff");
  CHECK(wire_value("", true).empty());
}

TEST_CASE("wire_value: without the agreed leading space the MTA puts one in itself") {
  CHECK(wire_value(" value", false) == "value");
  CHECK(wire_value("  value", false) == " value");
  CHECK(wire_value("value", false) == "value");
  CHECK(wire_value("\tvalue", false) == "\tvalue");
  CHECK(wire_value("value", true) == "value");
}

TEST_CASE("bare_path: one pair of angle brackets goes, and only a pair") {
  CHECK(bare_path("<a@b>") == "a@b");
  CHECK(bare_path("<>").empty());
  CHECK(bare_path("a@b") == "a@b");
  CHECK(bare_path("<a@b") == "<a@b");
  CHECK(bare_path("<") == "<");
  CHECK(bare_path("").empty());
  CHECK(wire_path("") == "<>");
  CHECK(wire_path("a@b") == "<a@b>");
}

}  // namespace
}  // namespace milterd
