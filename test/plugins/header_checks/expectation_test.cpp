#include "plugins/header_checks/expectation.hpp"

#include <string>
#include <utility>
#include <vector>

#include "doctest/doctest.h"
#include "test/plugins/header_checks/test_table.hpp"

using namespace milterd::header_checks;

namespace {

using Texts = std::vector<std::string>;

Texts check(const std::string& text, bool decode = false) {
  const TestTable file(text);
  CHECK(file.faults() == Texts{});
  Texts texts;
  for (const auto& fault : check_expectations(*file, decode)) {
    texts.push_back(std::to_string(fault.line) + ": " + fault.text);
  }
  return texts;
}

constexpr const char* rules =
    "/^Subject: buy/ REJECT no  sale\n"
    "/^Subject: (.*) => (.*)/ WARN $1\n"
    "/^X-Ok:/ dunno\n"
    "/^X-Fold: a\\n\tb/ IGNORE\n";

}  // namespace

TEST_CASE("expectations that hold are silent") {
  for (const char* comment : {
           "# expect: Subject: buy now => REJECT",
           "#expect:Subject: buy now => reject",
           "  #  expect:  Subject: buy now  =>  REJECT no  sale  ",
           "# expect: Subject: a => b => WARN a",
           "# expect: Subject: hello => DUNNO",
           "# expect: Subject: hello => none",
           "# expect: X-Ok: 1 => DUNNO",
           "# expect: X-Ok: 1 => dunno",
           "# expect: X-Fold: a\\n\\tb => IGNORE",
           "# expected: nothing of the kind",
           "# We expect: nothing",
       }) {
    CAPTURE(comment);
    CHECK(check(std::string(rules) + comment + "\n") == Texts{});
    CHECK(check(comment + std::string("\r\n") + rules) == Texts{});
  }
}

TEST_CASE("expectations that do not hold are told with their line") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"# expect: Subject: buy => WARN",
       "5: expected \"WARN\" for \"Subject: buy\", but line 1 answers \"REJECT no  sale\""},
      {"# expect: Subject: buy => REJECT no sale",
       "5: expected \"REJECT no sale\" for \"Subject: buy\", but line 1 answers \"REJECT no  "
       "sale\""},
      {"# expect: Subject: buy => DUNNO",
       "5: expected \"DUNNO\" for \"Subject: buy\", but line 1 answers \"REJECT no  sale\""},
      {"# expect: X-Ok: 1 => none",
       "5: expected \"none\" for \"X-Ok: 1\", but line 3 answers \"dunno\""},
      {"# expect: From: a => REJECT",
       "5: expected \"REJECT\" for \"From: a\", but no rule matches"},
      {"# expect: From: a",
       "5: an expectation reads \"# expect: HEADER => ACTION\"; this one lacks its \" => "
       "ACTION\""},
      {"# expect: => REJECT",
       "5: an expectation reads \"# expect: HEADER => ACTION\"; this one lacks its \" => "
       "ACTION\""},
      {"# expect:",
       "5: an expectation reads \"# expect: HEADER => ACTION\"; this one lacks its HEADER"},
  };
  for (const auto& [comment, fault] : cases) {
    CAPTURE(comment);
    CHECK(check(std::string(rules) + comment + "\n") == Texts{fault});
  }
}

TEST_CASE("an expectation may stand within a continued line") {
  CHECK(check("/a/ REJECT\n# expect: b => REJECT\n  because\n") ==
        Texts{"2: expected \"REJECT\" for \"b\", but no rule matches"});
}

TEST_CASE("a rule whose match fails is told with the expectation") {
  const auto faults =
      check("/^x(a+)+$/ REJECT\n# expect: x" + std::string(300, 'a') + "! => none\n");
  CHECK(faults == Texts{"2: line 1: matching failed and counts as no match: match limit exceeded; "
                        "simplify the pattern"});
}

TEST_CASE("keys are decoded where the table's are") {
  const std::string text =
      "/caf\xC3\xA9/ REJECT\n# expect: Subject: =?utf-8?q?caf=C3=A9?= => REJECT\n";
  CHECK(check(text, true) == Texts{});
  CHECK(check(text, false).size() == 1);
}

TEST_CASE("expectations do not count as matches") {
  const TestTable file("/a/ REJECT\n# expect: a => REJECT\n");
  CHECK(check_expectations(*file).empty());
  CHECK(file->count(0) == 0);
}
