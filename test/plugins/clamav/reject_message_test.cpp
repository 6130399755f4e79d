#include "plugins/clamav/policy/reject_message.hpp"

#include <doctest/doctest.h>

namespace milterd::clamav {
namespace {

TEST_CASE("a reject message carries the signature where it says %v") {
  struct Case {
    const char* text;
    const char* expected;
  };
  for (const Case& one : {Case{"Infected with %v", "Infected with Eicar"}, Case{"%v", "Eicar"},
                          Case{"%v and %v", "Eicar and Eicar"}, Case{"100%% bad", "100% bad"},
                          Case{"%%v", "%v"}, Case{"plain", "plain"}}) {
    CAPTURE(one.text);
    CHECK(check_reject_message(one.text).has_value());
    CHECK(format_reject_message(one.text, "Eicar") == one.expected);
  }
}

TEST_CASE("a signature's percent sign is not taken for one of the template") {
  CHECK(format_reject_message("found %v", "%v%%") == "found %v%%");
}

TEST_CASE("a reject message that cannot be sent is refused with what is wrong") {
  struct Case {
    std::string text;
    const char* expected;
  };
  for (
      const Case& one : {
          Case{"", "'reject_message' must have 1 to 400 characters"},
          Case{std::string(401, 'x'), "'reject_message' must have 1 to 400 characters"},
          Case{"a\r\nb",
               "'reject_message' must be printable ASCII in one line: SMTP replies carry nothing "
               "else"},
          Case{"b\xC3\xB6se",
               "'reject_message' must be printable ASCII in one line: SMTP replies carry nothing "
               "else"},
          Case{
              "%s",
              "'reject_message' knows %v (the signature's name) and %% (a percent sign), not '%s'"},
          Case{"50%",
               "'reject_message' knows %v (the signature's name) and %% (a percent sign), not '%'"},
          Case{
              "%%%x",
              "'reject_message' knows %v (the signature's name) and %% (a percent sign), not '%x'"},
      }) {
    CAPTURE(one.text);
    const Result<> checked = check_reject_message(one.text);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().message == one.expected);
  }
}

}  // namespace
}  // namespace milterd::clamav
