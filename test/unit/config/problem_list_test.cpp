#include "milterd/config/problem_list.hpp"

#include <doctest/doctest.h>

using namespace milterd;

namespace {

std::string only_problem(std::string_view source, SourcePosition position, std::string_view text) {
  ProblemList problems("m", source);
  problems.add_error(position, text);
  return problems.sorted().at(0).text;
}

}  // namespace

TEST_CASE("problem list: sorts by place, keeping the order at one place") {
  ProblemList problems("m", "one\ntwo\n");
  problems.add_error({2, 1}, "second");
  problems.add_warning({1, 2}, "first");
  problems.add_error({2, 1}, "third");
  problems.add_error({}, "of the whole file");
  const auto sorted = problems.sorted();
  REQUIRE(sorted.size() == 4);
  CHECK(sorted[0].text == "m: error: of the whole file");
  CHECK(sorted[1].text == "m:1:2: warning: first\n    1 | one\n      |  ^");
  CHECK(sorted[2].text == "m:2:1: error: second\n    2 | two\n      | ^");
  CHECK(sorted[3].text == "m:2:1: error: third\n    2 | two\n      | ^");
}

TEST_CASE("problem list: only errors count as errors") {
  ProblemList problems("m", "");
  problems.add_warning({}, "odd");
  CHECK_FALSE(problems.has_errors());
  problems.add_error({}, "wrong");
  CHECK(problems.has_errors());
}

TEST_CASE("problem list: columns are characters, and tabs stand under tabs") {
  CHECK(only_problem("\xC3\xA4\t\xE2\x82\xAC\tx\n", {1, 5}, "here") ==
        "m:1:5: error: here\n    1 | \xC3\xA4\t\xE2\x82\xAC\tx\n      |  \t \t^");
}

TEST_CASE("problem list: nothing in source or text reaches the terminal as a command") {
  CHECK(only_problem("a\x1B[2J\xC2\x9B\xFFz\n", {1, 1}, "got\n\x1B[31m\tx") ==
        "m:1:1: error: got??[31m x\n    1 | a?[2J??z\n      | ^");
}

TEST_CASE("problem list: a place behind the end of line or file still gets its caret") {
  CHECK(only_problem("ab", {1, 9}, "end") == "m:1:9: error: end\n    1 | ab\n      |   ^");
  CHECK(only_problem("ab\n", {2, 1}, "end") == "m:2:1: error: end\n    2 | \n      | ^");
}

TEST_CASE("problem list: of a long line the part around the fault is shown") {
  const std::string line(1000, 'x');
  CHECK(only_problem(line, {1, 500}, "here") == "m:1:500: error: here\n    1 | ..." +
                                                    std::string(160, 'x') + "...\n      |    " +
                                                    std::string(80, ' ') + "^");
  CHECK(only_problem(line, {1, 3}, "here") ==
        "m:1:3: error: here\n    1 | " + std::string(160, 'x') + "...\n      |   ^");
}
