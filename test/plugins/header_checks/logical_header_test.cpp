#include "plugins/header_checks/logical_header.hpp"

#include <doctest/doctest.h>

using namespace milterd;
using namespace milterd::header_checks;

namespace {

std::string key(std::string_view text, const LineLimits& limits = {}) {
  std::string scratch;
  return std::string(table_key(HeaderField(text, text.find(':')), limits, scratch));
}

}  // namespace

TEST_CASE("a field is its own key where nothing has to be changed") {
  std::string scratch;
  const std::string text = "Subject:  two blanks ";
  CHECK(table_key(HeaderField(text, 7), {}, scratch).data() == text.data());
}

TEST_CASE("folds become \\n, blanks before the colon go") {
  CHECK(key("Subject: a\r\n b\r\n\tc") == "Subject: a\n b\n\tc");
  CHECK(key("Subject :\r\n a") == "Subject:\n a");
  CHECK(key("Subject \t: a") == "Subject: a");
  CHECK(key("Subject:") == "Subject:");
}

TEST_CASE("what follows a NUL is lost up to the end of its line") {
  using namespace std::string_literals;
  CHECK(key("X: a\0b\r\n c\0d\r\n e"s) == "X: a\n c\n e");
}

TEST_CASE("a field is cut where it passes the limit, at the end of a record") {
  const LineLimits limits{.header_size_limit = 20, .line_length_limit = 16};
  CHECK(key("X: 3456789abcdef", limits) == "X: 3456789abcdef");
  CHECK(key("X: 3456789abcdefghijklmnopqrstuvwxyz", limits) == "X: 3456789abcdefghijklmnopqrstuv");
  CHECK(key("X: 1\r\n 2\r\n 345678901234567\r\n no", limits) == "X: 1\n 2\n 345678901234567");
  const LineLimits full{.header_size_limit = 16, .line_length_limit = 16};
  CHECK(key("X: 3456789abcdefno", full) == "X: 3456789abcdef");
  CHECK(key("X: 3456789abcdef\r\n no", full) == "X: 3456789abcdef");
}

TEST_CASE("a leading dot counts twice, as it does on the wire") {
  CHECK(record_limit("abc", true, 16) == 16);
  CHECK(record_limit(".bc", true, 16) == 15);
  CHECK(record_limit(".bc", false, 16) == 16);
  CHECK(record_limit("", true, 16) == 16);
}

TEST_CASE("a field that no MTA lets through has a key all the same") {
  CHECK(key("a b: c") == "a b: c");
  CHECK(key(" : c") == " : c");
}

TEST_CASE("a new field's key has a blank behind the colon, as the MTA will write it") {
  CHECK(table_key("X-A", "b") == "X-A: b");
  CHECK(table_key("X-A", " b\r\n c\n\td") == "X-A: b\n c\n\td");
  CHECK(table_key("X-A", "\tb") == "X-A:\tb");
  CHECK(table_key("X-A", "") == "X-A: ");
}

TEST_CASE("field names") {
  CHECK(field_name_size("A:") == 1);
  CHECK(field_name_size("A \t : b") == 1);
  CHECK(field_name_size("A b: c") == 0);
  CHECK(field_name_size(" A: c") == 0);
  CHECK(field_name_size(": c") == 0);
  CHECK(field_name_size("A") == 0);
  CHECK(field_name_size("A ") == 0);
  CHECK(field_name_size("\xc3\xa9: b") == 0);
  CHECK(field_name_size("") == 0);
}
