#include "milterd/auth_results/auth_results.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

using milterd::AuthResult;
using milterd::write_auth_results;

namespace {

AuthResult result(std::string method, std::string word,
                  std::vector<AuthResult::Property> properties = {}) {
  return {.method = std::move(method),
          .result = std::move(word),
          .comment = {},
          .reason = {},
          .properties = std::move(properties)};
}

/// The text of one property, from behind "dkim=pass ".
std::string written_value(const std::string& value) {
  const std::vector results = {result("dkim", "pass", {{"header", "i", value}})};
  const std::string text = write_auth_results("mx.test", results);
  const std::string before = "mx.test;\r\n\tdkim=pass header.i=";
  REQUIRE(text.starts_with(before));
  return text.substr(before.size());
}

}  // namespace

TEST_CASE("a message without results says none") {
  CHECK(write_auth_results("mx.example.org", {}) == "mx.example.org; none");
}

TEST_CASE("each result has a line") {
  std::vector results = {result("dkim", "pass", {{"header", "d", "example.org"}}),
                         result("spf", "softfail", {{"smtp", "mailfrom", "a@example.org"}})};
  results[0].comment = "2048-bit key";
  results[1].reason = "not \"one\" of ours";
  CHECK(write_auth_results("mx.example.org", results) ==
        "mx.example.org;\r\n"
        "\tdkim=pass (2048-bit key) header.d=example.org;\r\n"
        "\tspf=softfail reason=\"not \\\"one\\\" of ours\" smtp.mailfrom=a@example.org");
}

TEST_CASE("a reason stands before the comment, and both before the properties") {
  std::vector results = {result("dkim", "policy", {{"header", "d", "example.org"}})};
  results[0].comment = "1024-bit key";
  results[0].reason = "weak";
  CHECK(write_auth_results("mx.test", results) ==
        "mx.test;\r\n\tdkim=policy reason=\"weak\" (1024-bit key) header.d=example.org");
}

TEST_CASE("a long result is folded between its parts") {
  const std::vector results = {result("dkim", "pass",
                                      {{"header", "d", "a-rather-long-name.example.org"},
                                       {"header", "s", "selector-of-2026"},
                                       {"header", "b", "abc/def+"}})};
  const std::string text = write_auth_results("mx.example.org", results);
  CHECK(text ==
        "mx.example.org;\r\n"
        "\tdkim=pass header.d=a-rather-long-name.example.org header.s=selector-of-2026\r\n"
        "\theader.b=\"abc/def+\"");
}

TEST_CASE("no line passes 78 columns, separators included, where it can be folded") {
  for (std::size_t size = 1; size < 70; ++size) {
    const std::string word(size, 'x');
    const std::vector results = {result("dkim", "pass", {{"header", "d", word}, {"a", "b", word}}),
                                 result("spf", "pass")};
    const std::string text = "Authentication-Results: " + write_auth_results("mx.test", results);
    CAPTURE(text);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find("\r\n", begin), text.size());
      CHECK(end - begin <= (size < 60 ? 78U : 90U));
      begin = end + 2;
    }
  }
}

TEST_CASE("values are quoted where the grammar asks for it") {
  struct Case {
    const char* value;
    const char* expected;
  };
  for (const Case& c : {
           Case{"example.org", "example.org"},
           Case{"@example.org", "@example.org"},
           Case{"a+b@example.org", "a+b@example.org"},
           Case{"abc/def=", "\"abc/def=\""},
           Case{"", "\"\""},
           Case{"two words", "\"two words\""},
           Case{"a@b@c", "\"a@b@c\""},
           Case{"a@", "\"a@\""},
           Case{"a.b@example.org", "a.b@example.org"},
           Case{".a@example.org", "\".a@example.org\""},
           Case{"a.@example.org", "\"a.@example.org\""},
           Case{"a..b@example.org", "\"a..b@example.org\""},
           Case{"a@example..org", "\"a@example..org\""},
           Case{"a@exa{mple.org", "\"a@exa{mple.org\""},
           Case{"a/b@example.org", "\"a/b@example.org\""},
           Case{"a=b@example.org", "\"a=b@example.org\""},
           Case{"@", "\"@\""},
           Case{"\"a b\"@example.org", "\"\\\"a b\\\"@example.org\""},
           Case{"back\\slash", "\"back\\\\slash\""},
           Case{"x; spf=pass", "\"x; spf=pass\""},
           Case{"(comment)", "\"(comment)\""},
           Case{"exam\r\nple.org", "\"exam??ple.org\""},
           Case{"b\303\274cher.example", "\"b??cher.example\""},
       }) {
    CAPTURE(c.value);
    CHECK(written_value(c.value) == c.expected);
  }
}

TEST_CASE("NUL becomes a question mark") {
  CHECK(written_value(std::string("exa\0mple.org", 12)) == "\"exa?mple.org\"");
}

TEST_CASE("a property too long to be written whole is left out") {
  const std::vector results = {
      result("dkim", "pass", {{"header", "i", std::string(600, 'a')}, {"header", "s", "sel"}})};
  CHECK(write_auth_results("mx.test", results) == "mx.test;\r\n\tdkim=pass header.s=sel");
}

TEST_CASE("comments cannot end early, nor reasons") {
  std::vector results = {result("dkim", "fail")};
  results[0].comment = "a) b(c \\ \r\n d";
  results[0].reason = "x\"; spf=pass";
  CHECK(write_auth_results("mx.test", results) ==
        "mx.test;\r\n"
        "\tdkim=fail reason=\"x\\\"; spf=pass\" (a\\) b\\(c \\\\ ?? d)");
}

TEST_CASE("long comments and reasons are cut") {
  std::vector results = {result("dkim", "fail")};
  results[0].comment = std::string(10'000, '(');
  results[0].reason = std::string(10'000, 'r');
  std::string escaped;
  for (int i = 0; i < 500; ++i) {
    escaped += "\\(";
  }
  CHECK(write_auth_results("mx.test", results) == "mx.test;\r\n\tdkim=fail\r\n\treason=\"" +
                                                      std::string(500, 'r') + "\"\r\n\t(" +
                                                      escaped + ")");
}

TEST_CASE("words of the grammar keep to their alphabet") {
  const std::vector results = {result("dk im", "pa;ss", {{"he(ader", "d=", "x"}}),
                               result("", "pass"), result("spf", "")};
  CHECK(write_auth_results("mx.test", results) == "mx.test;\r\n\tdk-im=pa-ss he-ader.d-=x");
}

TEST_CASE("an authserv-id that is no token is quoted") {
  CHECK(write_auth_results("mx (1)", {}) == "\"mx (1)\"; none");
}

TEST_CASE("a flood of results gives a field that MTAs take whole") {
  const std::vector results(5000, result("dkim", "fail", {{"header", "d", "example.org"}}));
  const std::string text = write_auth_results("mx.test", results);
  CHECK(text.size() > 32'000);
  CHECK(text.size() < 34'000);
}
