#include "plugins/header_checks/body_rewrite.hpp"

#include <doctest/doctest.h>

using namespace milterd;
using namespace milterd::header_checks;

TEST_CASE("places are replaced in order, and all else stays") {
  BodyRewrite body("one\r\ntwo\r\nthree\r\n");
  CHECK_FALSE(body.is_changed());
  CHECK(body.reaches_line_end(5, 10));
  CHECK_FALSE(body.reaches_line_end(5, 8));
  REQUIRE(body.replace(0, 0, "zero\r\n"));
  REQUIRE(body.replace(5, 10, ""));
  REQUIRE(body.replace(10, 15, "3"));
  CHECK(body.is_changed());
  CHECK(body.finish() == "zero\r\none\r\n3\r\n");
}

TEST_CASE("a body may be large, but not grow beyond measure") {
  const std::string text(std::size_t{17} << 20U, 'x');
  BodyRewrite large(text);
  REQUIRE(large.replace(text.size() - 1, text.size(), "y"));
  CHECK(large.finish().size() == text.size());
  BodyRewrite growing("abc");
  REQUIRE(growing.replace(0, 1, std::string(std::size_t{16} << 20U, 'x')));
  const Result<> grown = growing.replace(1, 2, "xxx");
  REQUIRE_FALSE(grown.has_value());
  CHECK(grown.error().message ==
        "the rules' texts would make the body grow by more than 16777216 bytes");
}
