#include "plugins/header_checks/action.hpp"

#include <doctest/doctest.h>

using namespace milterd::header_checks;
using Kind = RuleAction::Kind;

namespace {

/// "kind code enhanced|text|fault"
std::string shown(const RuleAction& action) {
  std::string text = to_string(action.kind);
  if (action.kind == Kind::reject) {
    text += " " + std::to_string(action.code) + " " + action.enhanced;
  }
  return text + "|" + action.text + "|" + action.fault;
}

std::string parsed(Check check, std::string_view result) {
  return shown(parse_action(check, result));
}

}  // namespace

TEST_CASE("an action is a whole word in any case, with the text behind its blanks") {
  CHECK(parsed(Check::header, "HOLD") == "hold||");
  CHECK(parsed(Check::header, "hold \t look at  it ") == "hold|look at  it |");
  CHECK(parsed(Check::header, "wArN x") == "warning|x|");
  CHECK(parsed(Check::header, "OK") == "dunno||");
  CHECK(parsed(Check::header, "DUNNO whatever") == "dunno|whatever|");
  CHECK(parsed(Check::header, "IGNORE") == "ignore||");
  CHECK(parsed(Check::body, "STRIP why") == "strip|why|");
  CHECK(parsed(Check::header, "PASS") == "pass||");
  CHECK(parsed(Check::header, "HOLDING x") == "none||'HOLDING' is no action of header_checks");
  CHECK(parsed(Check::body, "HOLD:x") == "none||'HOLD:x' is no action of body_checks");
  CHECK(parsed(Check::milter_header, " HOLD") == "none||'' is no action of milter_header_checks");
  CHECK(parsed(Check::header, "") == "none||'' is no action of header_checks");
}

TEST_CASE("REJECT answers with the code that its text begins with") {
  const std::string fault =
      "REJECT with the code 2.1.0 of success is a temporary failure; write 4.x.x or 5.x.x";
  CHECK(parsed(Check::header, "REJECT") == "reject 550 5.7.1|message content rejected|");
  CHECK(parsed(Check::milter_header, "REJECT") == "reject 550 5.7.1|message content rejected|");
  CHECK(parsed(Check::header, "REJECT no  way") == "reject 550 5.7.1|no  way|");
  CHECK(parsed(Check::header, "REJECT 5.6.22 no") == "reject 550 5.6.22|no|");
  CHECK(parsed(Check::header, "REJECT 4.3.2 later") == "reject 451 4.3.2|later|");
  CHECK(parsed(Check::header, "REJECT 4.3.2") == "reject 451 4.3.2|message content rejected|");
  CHECK(parsed(Check::header, "REJECT 2.1.0 odd") == "reject 451 4.1.0|odd|" + fault);
  for (const char* text :
       {"3.1.1 x", "5.1 x", "5.1234.1 x", "5.1.1234 x", "5.1.1x", "5..1 x", "5.1. x", "5"}) {
    CHECK(parsed(Check::header, std::string("REJECT ") + text) ==
          "reject 550 5.7.1|" + std::string(text) + "|");
  }
}

TEST_CASE("an address needs an @") {
  CHECK(parsed(Check::header, "REDIRECT a@b") == "redirect|a@b|");
  CHECK(parsed(Check::body, "BCC @") == "bcc|@|");
  CHECK(parsed(Check::header, "redirect nobody") ==
        "none|nobody|REDIRECT needs an address user@domain, not 'nobody'");
  CHECK(parsed(Check::milter_header, "BCC") == "none||BCC needs an address user@domain, not ''");
}

TEST_CASE("PREPEND and REPLACE want a header field where they stand in a header") {
  CHECK(parsed(Check::header, "PREPEND X-A: b") == "prepend|X-A: b|");
  CHECK(parsed(Check::mime_header, "REPLACE X-A :b") == "replace|X-A :b|");
  CHECK(parsed(Check::header, "REPLACE X A: b") ==
        "none|X A: b|REPLACE needs a header field 'name: value', not 'X A: b'");
  CHECK(parsed(Check::nested_header, "PREPEND nothing") ==
        "none|nothing|PREPEND needs a header field 'name: value', not 'nothing'");
  CHECK(parsed(Check::header, "PREPEND") == "none||PREPEND needs a text behind it");
  CHECK(parsed(Check::body, "REPLACE") == "none||REPLACE needs a text behind it");
  CHECK(parsed(Check::body, "REPLACE any text") == "replace|any text|");
  CHECK(parsed(Check::body, "PREPEND any text") == "prepend|any text|");
}

TEST_CASE("milter_header_checks know neither PREPEND nor PASS") {
  CHECK(parsed(Check::milter_header, "PREPEND X-A: b") ==
        "none|X-A: b|PREPEND is not implemented in milter_header_checks");
  CHECK(parsed(Check::milter_header, "PASS") ==
        "none||PASS is not supported in milter_header_checks");
  CHECK(parsed(Check::milter_header, "REPLACE X-A: b") == "replace|X-A: b|");
}

TEST_CASE("FILTER says why it cannot be done and what to do") {
  CHECK(
      parsed(Check::header, "FILTER smtp:host") ==
      "filter|smtp:host|FILTER needs the MTA's queue manager, which no milter reaches; leave this "
      "rule in Postfix's own header_checks, or use content_filter there");
}

TEST_CASE("a template's fault is told only where it is one whatever matches") {
  const auto kind_and_fault = [](std::string_view result) {
    const RuleAction action = parse_template(Check::header, result);
    return std::string(to_string(action.kind)) + "|" + action.fault;
  };
  CHECK(kind_and_fault("REDIRECT $1") == "redirect|");
  CHECK(kind_and_fault("REDIRECT nobody") ==
        "none|REDIRECT needs an address user@domain, not 'nobody'");
  CHECK(kind_and_fault("PREPEND ${2}") == "prepend|");
  CHECK(kind_and_fault("REPLACE $1: x") == "replace|");
  CHECK(kind_and_fault("REJECT $1") == "reject|");
  CHECK(kind_and_fault("NOSUCH $1") == "none|'NOSUCH' is no action of header_checks");
  CHECK(kind_and_fault("$1") == "none|");
  CHECK(kind_and_fault("FILTER $1").starts_with("filter|FILTER needs"));
}

TEST_CASE("words and parameters have Postfix's names") {
  CHECK(std::string_view(to_string(Check::mime_header)) == "mime_header_checks");
  CHECK(std::string_view(to_string(Check::nested_header)) == "nested_header_checks");
  CHECK(word_of(Kind::warn) == "WARN");
  CHECK(word_of(Kind::dunno) == "DUNNO");
  CHECK(word_of(Kind::reject) == "REJECT");
}
