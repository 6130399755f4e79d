#include "plugins/common/name_pattern.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"

using namespace milterd;

TEST_CASE("a pattern fits whole names, as in opendkim's refile tables") {
  struct Case {
    std::string pattern;
    std::string name;
    bool fits;
  };
  for (const Case& one : std::vector<Case>{
           {"*", "", true},
           {"*", "a@b", true},
           {"", "", true},
           {"", "a", false},
           {"joe@example.org", "JOE@Example.org", true},
           {"joe@example.org", "joe@exampleXorg", false},
           {"joe@example.org", "xjoe@example.org", false},
           {"joe@example.org", "joe@example.orgx", false},
           {"joe+list@example.org", "joe+list@example.org", true},
           {"joe+list@example.org", "joelist@example.org", false},
           {"*@example.org", "joe@example.org", true},
           {"*@example.org", "@example.org", true},
           {"*@example.org", "joe@sub.example.org", false},
           {"*@*.example.org", "joe@sub.example.org", true},
           {"*@*.example.org", "joe@example.org", false},
           {"*@*", "joe@example.org", true},
           {"a*b*c", "abc", true},
           {"a*b*c", "a-b-b-c", true},
           {"a*b*c", "a-b-c-d", false},
           {"*ab", "aab", true},
           {"**a**", "bab", true},
           {"joe[12]@example.org", "joe1@example.org", true},
           {"joe[12]@example.org", "joe3@example.org", false},
           {"joe?@example.org", "jo@example.org", true},
           {"(joe|jane)@example.org", "jane@example.org", true},
           {"joe@a.org|jane@b.org", "jane@b.org", true},
           {"joe@a.org|jane@b.org", "joe@a.orgx", false},
           {"^joe@example.org$", "joe@example.org", true},
           {"[a-z]*@example.org", "joe@example.org", true},
           {"j.{2}@example.org", "j..@example.org", true},
           {"j.{2}@example.org", "joe@example.org", false},
           {"joe\\.doe@example.org", "joe.doe@example.org", true},
           {"joe\\.doe@example.org", "joexdoe@example.org", false},
           {"\xc3\xa4*@example.org", "\xc3\xa4x@example.org", true},
       }) {
    CAPTURE(one.pattern);
    CAPTURE(one.name);
    const auto pattern = NamePattern::compile(one.pattern);
    REQUIRE(pattern);
    CHECK(pattern->matches(one.name) == one.fits);
    CHECK(pattern->text() == one.pattern);
  }
}

TEST_CASE("what is no pattern is refused") {
  struct Case {
    std::string pattern;
    std::string error;
  };
  for (const Case& one : std::vector<Case>{
           {"joe[@x", "'joe[@x' is no pattern: Unmatched [, [^, [:, [., or [="},
           {"(joe", "'(joe' is no pattern: Unmatched ( or \\("},
           {"a)|(b", "'a)|(b' is no pattern: Unmatched ( or \\("},
           {"x\\", "'x\\' is no pattern: Trailing backslash"},
           {"(a)\\1", "'(a)\\1' is no pattern: a backslash with a digit is not supported"},
           {std::string(1001, 'a'), "a pattern has more than 1000 bytes"},
       }) {
    CAPTURE(one.pattern);
    const auto pattern = NamePattern::compile(one.pattern);
    REQUIRE_FALSE(pattern);
    CHECK(pattern.error().message == one.error);
  }
}

TEST_CASE("a name that no address can have fits nothing") {
  for (const char* text : {"*", "[a]*"}) {
    const auto pattern = NamePattern::compile(text);
    REQUIRE(pattern);
    CHECK(pattern->matches(std::string(1000, 'a')));
    CHECK_FALSE(pattern->matches(std::string(1001, 'a')));
    CHECK_FALSE(pattern->matches(std::string("a\0b", 3)));
  }
}
