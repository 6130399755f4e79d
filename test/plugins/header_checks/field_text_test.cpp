#include "plugins/header_checks/field_text.hpp"

#include <doctest/doctest.h>

using namespace milterd::header_checks;

namespace {

/// "name|value", or "none".
std::string shown(std::string_view text) {
  const std::optional<FieldText> field = field_of_text(text);
  return field ? field->name + "|" + field->value : "none";
}

}  // namespace

TEST_CASE("a rule's text becomes name and value") {
  CHECK(shown("X-A: b") == "X-A| b");
  CHECK(shown("X-A:b") == "X-A|b");
  CHECK(shown("X-A \t:  b ") == "X-A|  b ");
  CHECK(shown("X-A:") == "X-A|");
  CHECK(shown("X A: b") == "none");
  CHECK(shown("text") == "none");
}

TEST_CASE("every line behind the first begins with a blank") {
  CHECK(shown("X-A: b\n c\n\td") == "X-A| b\n c\n\td");
  CHECK(shown("X-A: b\nc\n\nd\n") == "X-A| b\n\tc\n\t\n\td\n\t");
  CHECK(body_lines_of_text("X-A: b\nc") == "X-A: b\r\n\tc\r\n");
}

TEST_CASE("what no header can hold becomes a blank") {
  using namespace std::string_literals;
  CHECK(shown("X-A: b\rc\0d"s) == "X-A| b c d");
}

TEST_CASE("a text is cut where the milter protocol would cut it") {
  CHECK(shown("X-A: " + std::string(100'000, 'x')).size() < 60'000);
  CHECK(body_lines_of_text("X-A: " + std::string(100'000, '\n')).size() < 60'000);
}
