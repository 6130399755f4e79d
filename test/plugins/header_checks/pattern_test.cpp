#include "plugins/header_checks/pattern.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "doctest/doctest.h"
#include "plugins/header_checks/prefilter.hpp"
#include "plugins/header_checks/required_text.hpp"
#include "test/plugins/header_checks/test_table.hpp"

using namespace milterd;
using namespace milterd::header_checks;

namespace {

using Texts = std::vector<std::string>;

constexpr std::uint32_t postfix_options = PCRE2_CASELESS | PCRE2_DOTALL;

std::vector<std::string> look_up_faults(const Table& table, std::string_view key) {
  std::vector<LookupFault> faults;
  CHECK_FALSE(table.look_up(key, faults).has_value());
  std::vector<std::string> texts;
  for (const auto& fault : faults) {
    texts.push_back(std::to_string(fault.line) + ": " + fault.text);
  }
  return texts;
}

/// Patterns and keys from few pieces, so that they often meet.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::string table() {
    std::string text;
    std::size_t open = 0;
    for (int line = 0; line < 20; ++line) {
      const auto kind = below(10);
      if (kind == 0) {
        text += "if " + pattern() + "\n";
        ++open;
      } else if (kind == 1 && open > 0) {
        text += "endif\n";
        --open;
      } else {
        text += pattern() + " line " + std::to_string(line) + "\n";
      }
    }
    return text;
  }

  std::string key() {
    std::string text = pick(names);
    for (auto words = below(6); words > 0; --words) {
      text += pick(literals);
    }
    return text;
  }

 private:
  static constexpr std::array names = {"Subject: ", "From: ", "x-spam: ", "abc"};
  static constexpr std::array literals = {"abc",  "ABCD", "viagra", "aab",  "x.y", "c",
                                          "\xE9", " ",    "bb",     "]abc", "{2}", "caf\xC3\xA9"};
  static constexpr std::array atoms = {
      "abc",         "AbCd",      "via",       "gra",         "a",
      "b",           "c",         "\\.",       ".",           ".*",
      "[abc]",       "[^]a]",     "(abc|via)", "(abc)",       "(?:abc)",
      "(?=abc)",     "(?!abc)",   "(?i)abc",   "\\Qabc\\E",   "\\x61",
      "\\d",         "\\babc\\b", "^",         "$",           "|",
      "[[:alpha:]]", "(?#abc)",   "(?<n>abc)", "(*ACCEPT)",   "(a(*ACCEPT)b)",
      "x\\.y",       "\\{2\\}",   "(",         "\\K",         "(abc",
      ")",           "\\cA",      "\\\\",      "#abc",        " ",
      "\xE9",        "]",         "(?>abc)",   "(?|abc|via)", "(?(1)abc|via)",
      "[\\]abc]"};
  static constexpr std::array quantifiers = {
      "", "", "", "", "", "", "?", "*", "+", "*?", "++", "{2}", "{0,1}", "{1,}", "{0}", "{,2}"};

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }
  template <std::size_t size>
  std::string pick(const std::array<const char*, size>& choices) {
    return choices[below(size)];
  }

  std::string pattern() {
    std::string text = below(8) == 0 ? "!~" : "~";
    text += below(3) == 0 ? "^" + pick(names) : "";
    for (auto count = 1 + below(5); count > 0; --count) {
      text += pick(atoms) + pick(quantifiers);
    }
    constexpr std::array flags = {"~", "~", "~", "~i", "~x", "~m", "~s", "~A"};
    return text + pick(flags);
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("a match that passes the limit is no match, negated or not, and names its rule") {
  // With an x somewhere, so that nothing can tell at once that the text has none at its end.
  const std::string key = "x" + std::string(300, 'a') + "!";
  const Texts fault = {
      "2: matching failed and counts as no match: match limit exceeded; simplify the pattern"};
  for (const char* pattern :
       {"/^x(a+)+$/", "!/^x(a+)+$/", "/(a|aa)+$/", "/^x.*a.*a.*a.*a.*[xy]$/"}) {
    CAPTURE(pattern);
    for (const std::size_t jit_rules : {std::size_t{0}, std::size_t{1000}}) {
      Table::Options options;
      options.jit_rules = jit_rules;
      const TestTable file("# first\n" + std::string(pattern) + " one\n", options);
      CHECK(look_up_faults(*file, key) == fault);
    }
  }
}

TEST_CASE("an \"if\" whose match fails does not hold") {
  const TestTable file("if !/^x(a+)+$/\n/a/ one\nendif\n/x/ two\n");
  std::vector<LookupFault> faults;
  const auto match = file->look_up("x" + std::string(300, 'a') + "!", faults);
  REQUIRE(match.has_value());
  CHECK(match->text == "two");
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].line == 1);
}

TEST_CASE("bad UTF-8 counts only where the pattern asks for UTF-8") {
  const TestTable file("/(*UTF)caf/ one\n");
  CHECK(file.answer("caf\xC3\xA9") == "one");
  CHECK(look_up_faults(*file, "caf\xE9") ==
        Texts{"1: matching failed and counts as no match: UTF-8 error: 2 bytes missing at end; "
              "simplify the pattern"});
}

TEST_CASE("a long key that machine code has no room for is matched without") {
  const std::string key = std::string(100'000, 'a') + "b";
  CHECK(TestTable("/^(?:a|x)*b$/ one\n").answer(key) == "one");
}

TEST_CASE("a match that needs more memory than it may have is no match") {
  Table::Options options;
  options.jit_rules = 0;
  options.heap_limit = 64;
  const TestTable file("/^(?:a|x)*b$/ one\n", options);
  CHECK(look_up_faults(*file, std::string(100'000, 'a') + "b") ==
        Texts{"1: matching failed and counts as no match: heap limit exceeded; simplify the "
              "pattern"});
}

TEST_CASE("a key of 1 MiB is matched") {
  const std::string key = "Subject: " + std::string(1024 * 1024, 'a') + std::string("\0\xFF", 2);
  const TestTable file("/^Subject:.*b/ one\n/\\xFF$/ two\n");
  CHECK(file.answer(key) == "two");
}

TEST_CASE("the text that a pattern requires") {
  struct Case {
    std::string pattern;
    Texts required;
  };
  const std::vector<Case> cases = {
      {"abc", {"abc"}},
      {"^Subject: .*BUY", {"subject: ", "buy"}},
      {"ab?c", {"a", "c"}},
      {"ab*c+d", {"a", "c", "d"}},
      {"ab{2}c", {"ab", "c"}},
      {"ab{0,3}c", {"a", "c"}},
      {"ab{00}c", {"a", "c"}},
      {"a+?b++c??", {"a", "b"}},
      {"a\\.b\\/c", {"a.b/c"}},
      {"a[bc]d[^]]e", {"a", "d", "e"}},
      {"a[[:alpha:]]b[]x]c", {"a", "b", "c"}},
      {"a(b)c(?:d(e)[)])?f(?=g)h", {"a", "c", "f", "h"}},
      {"a(b|c)d", {"a", "d"}},
      {"a\\db\\s+c", {"a", "b", "c"}},
      {"a$b^c", {"a", "b", "c"}},
      {"caf\xE9", {"caf\xE9"}},
      // what changes the meaning of something elsewhere, or is not understood
      {"abc|def", {}},
      {"abc(?i)def", {}},
      {"abc(?#def)", {}},
      {"abc(*ACCEPT)def", {}},
      {"abc(x(*ACCEPT))def", {}},
      {"(*UTF)abc", {}},
      {"abc\\Q*\\E", {}},
      {"(\\Q)\\E)abc", {}},
      {"[\\E]abc]def", {}},
      {"abc\\x41", {}},
      {"abc\\cA", {}},
      {"abc{", {}},
      {"abc{,2}", {}},
      {"abc(?(1)d|e)", {}},
      {"abc(?R)?", {}},
      {"abc(?<n>d)", {}},
      {"abc[[:x]", {}},
      {"abc[[.a.]]", {}},
      {"abc[x", {}},
      {"abc(x", {}},
      {"abc)", {}},
      {"abc\\", {}},
      {"(a)\\1abc", {}},
  };
  for (const auto& [pattern, required] : cases) {
    CAPTURE(pattern);
    CHECK(required_text(pattern, postfix_options) == required);
  }
  CHECK(required_text("abc", postfix_options | PCRE2_EXTENDED).empty());
}

TEST_CASE("a prefilter tells what cannot match") {
  const auto may_match = [](const Texts& pieces, std::string_view key) {
    KeyTrigrams trigrams;
    trigrams.assign(key);
    return Prefilter(pieces).may_match(trigrams);
  };
  CHECK(may_match({"subject: ", "viagra"}, "Subject: cheap VIAGRA"));
  CHECK_FALSE(may_match({"subject: ", "viagra"}, "Subject: cheap vi"));
  CHECK_FALSE(may_match({"subject: "}, "From: x"));
  CHECK_FALSE(may_match({"abc"}, "ab"));
  CHECK_FALSE(may_match({"abc"}, ""));
  CHECK(may_match({"ab", "c"}, ""));
  CHECK(may_match({}, ""));
}

TEST_CASE("with and without a prefilter and machine code the answers are the same") {
  Table::Options plain;
  plain.prefilter = false;
  plain.jit_rules = 0;
  std::size_t found = 0;
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    Generator generator(seed);
    const auto text = generator.table();
    CAPTURE(text);
    const TestTable filtered(text);
    const TestTable reference(text, plain);
    for (int n = 0; n < 40; ++n) {
      const auto key = generator.key();
      CAPTURE(key);
      const auto answer = reference.answer(key);
      CHECK(filtered.answer(key) == answer);
      found += answer == "-" ? 0 : 1;
    }
  }
  CHECK(found > 4000);
}

TEST_CASE("many threads ask one table") {
  std::string text;
  for (int rule = 0; rule < 50; ++rule) {
    text +=
        "/^Subject: (\\w+) " + std::to_string(rule) + "$/ rule " + std::to_string(rule) + " $1\n";
  }
  const TestTable file(text);
  std::vector<std::thread> threads;
  std::array<int, 4> wrong{};
  for (std::size_t thread = 0; thread < wrong.size(); ++thread) {
    threads.emplace_back([&, thread] {
      for (int n = 0; n < 2000; ++n) {
        const auto rule = std::to_string(n % 50);
        const auto word = "word" + std::to_string(thread);
        std::vector<LookupFault> faults;
        const auto match = file->find("Subject: " + word + " " + rule, faults);
        wrong[thread] += !match || match->text != "rule " + rule + " " + word ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CHECK(std::ranges::count(wrong, 0) == 4);
  std::uint64_t counted = 0;
  for (std::size_t rule = 0; rule < file->rule_count(); ++rule) {
    counted += file->count(rule);
  }
  CHECK(counted == 8000);
}
