#include "plugins/header_checks/table.hpp"

#include <string>
#include <utility>
#include <vector>

#include "doctest/doctest.h"
#include "test/plugins/header_checks/table_file.hpp"
#include "test/plugins/header_checks/test_table.hpp"

using namespace milterd;
using namespace milterd::header_checks;

namespace {

using Texts = std::vector<std::string>;

/// What opening a table fails with.
std::string open_error(std::string_view specification) {
  std::vector<TableFault> faults;
  const auto opened = Table::open(specification, Table::Options{}, faults);
  return opened ? "" : opened.error().message;
}

std::string inline_answer(std::string_view specification, std::string_view key) {
  std::vector<TableFault> faults;
  const auto opened = Table::open(specification, Table::Options{}, faults);
  REQUIRE(opened.has_value());
  CHECK(faults.empty());
  std::vector<LookupFault> lookup_faults;
  const auto match = (*opened)->look_up(key, lookup_faults);
  return match ? match->text : "-";
}

struct Answer {
  std::string table;
  std::string key;
  std::string answer;
};

struct Faulty {
  std::string table;
  Texts faults;
};

}  // namespace

TEST_CASE("rules are read as Postfix reads them") {
  const std::vector<Answer> cases = {
      {"/a/ REJECT a\n", "xAx", "REJECT a"},
      {"/a/ REJECT\n", "b", "-"},
      {"/a/ one\n/a/ two\n", "a", "one"},
      {"# comment\n\n  # another\n/a/ one", "a", "one"},
      // continuation lines
      {"/a/ one\n  two\n", "a", "one  two"},
      {"/a/\n one\n# comment\n   \n two\n", "a", "one two"},
      {"/a/ one\n# comment\n/b/ two\n", "b", "two"},
      {"/a/ one \t \n", "a", "one"},
      {"/a/ one \n two", "a", "one  two"},
      // line ends
      {"/a/ one\r\n/b/ two\r\n", "b", "two"},
      {"/a/ one\r\n\r\n/b/ two\r\n", "a", "one"},
      {"/a/ one\r\n two\r\n", "a", "one two"},
      // delimiters and negation
      {"~a/b~ one\n", "a/b", "one"},
      {"/a\\/b/ one\n", "a/b", "one"},
      {"\xE9"
       "a\xE9 one\n",
       "a", "one"},
      {"!/a/ one\n", "b", "one"},
      {"!/a/ one\n", "a", "-"},
      {"! ! /a/ one\n", "a", "one"},
      {"!\t!!/a/ one\n", "b", "one"},
      // flags toggle from caseless and dotall
      {"/a/i one\n", "A", "-"},
      {"/a/ii one\n", "A", "one"},
      {"/a.b/ one\n", "a\nb", "one"},
      {"/a.b/s one\n", "a\nb", "-"},
      {"/^b/ one\n", "a\nb", "-"},
      {"/^b/m one\n", "a\nb", "one"},
      {"/a b # c/x one\n", "ab", "one"},
      {"/b/A one\n", "ab", "-"},
      {"/a$/ one\n", "a\n", "one"},
      {"/a$/E one\n", "a\n", "-"},
      {"/(a+)/U $1\n", "aaa", "a"},
      // results
      {"/(a)(b)/ $2${1}$(2)\n", "ab", "bab"},
      {"/(a)(b)/ $1$$$2 $$1\n", "ab", "a$b $1"},
      {"/(a)|(b)/ <$1>\n", "b", "<>"},
      {"/(?<n>a)/ <$1>\n", "a", "<a>"},
      {"/a(.*)/ $1\n", std::string("a\0b", 3), std::string("\0b", 2)},
      // bytes, not characters
      {"/^..$/ one\n", "\xC3\xA9", "one"},
      {"/^caf\xE9$/ one\n", "caf\xE9", "one"},
      // an empty key is one to the table itself
      {"/^$/ one\n", "", "one"},
  };
  for (const auto& [table, key, answer] : cases) {
    CAPTURE(table);
    CAPTURE(key);
    const TestTable file(table);
    CHECK(file.faults() == Texts{});
    CHECK(file.answer(key) == answer);
  }
}

TEST_CASE("if and endif") {
  const std::vector<Answer> cases = {
      {"if /a/\n/b/ one\nendif\n/b/ two\n", "ab", "one"},
      {"if /a/\n/b/ one\nendif\n/b/ two\n", "b", "two"},
      {"if !/a/\n/b/ one\nendif\n", "b", "one"},
      {"IF/a/\n/b/ one\nEndIf\n", "ab", "one"},
      {"if /a/\nif /b/\n/c/ one\nendif\n/c/ two\nendif\n/c/ three\n", "abc", "one"},
      {"if /a/\nif /b/\n/c/ one\nendif\n/c/ two\nendif\n/c/ three\n", "ac", "two"},
      {"if /a/\nif /b/\n/c/ one\nendif\n/c/ two\nendif\n/c/ three\n", "bc", "three"},
  };
  for (const auto& [table, key, answer] : cases) {
    CAPTURE(table);
    CAPTURE(key);
    const TestTable file(table);
    CHECK(file.faults() == Texts{});
    CHECK(file.answer(key) == answer);
  }
  const TestTable open("/a/ one\nif /b/\n/c/ two\n\n/d/ three\n");
  CHECK(open.faults() ==
        Texts{"2: \"if\" without \"endif\": where it does not hold, the rest of the table is "
              "skipped"});
  CHECK(open.answer("bd") == "three");
  CHECK(open.answer("d") == "-");
}

TEST_CASE("every fault is told with its line, and the rule is left out") {
  const std::vector<Faulty> cases = {
      {"# c\n  /a/ one\n/b/ two\n",
       {"2: a rule may not begin with white space; the line is ignored: \"/a/ one\""}},
      {"!\n", {"1: no pattern; the rule is ignored"}},
      {"if\n", {"1: no pattern; the rule is ignored"}},
      {"/a one\n", {"1: no closing delimiter \"/\"; the rule is ignored"}},
      {"/a\\/ one\n", {"1: no closing delimiter \"/\"; the rule is ignored"}},
      {"/a/X one\n", {"1: the flag \"X\" has no meaning any more and is ignored"}},
      {"/a/iq one\n", {"1: unknown flag \"q\" behind the pattern; the rule is ignored"}},
      {"/a/\n", {"1: no result behind the pattern; an empty one is an error when it matches"}},
      {"/a/ $x $0\n",
       {"1: the result names a group that is no number: \"x\"",
        "1: the result asks for group 0; groups count from 1",
        "1: the result cannot be used; the rule is ignored"}},
      {"/a/ ${1 b\n",
       {"1: a reference to a group is not closed: \"${1 b\"",
        "1: the result cannot be used; the rule is ignored"}},
      {"/a/ b $\n",
       {"1: a dollar sign without the number of a group; \"$$\" is a dollar sign",
        "1: the result cannot be used; the rule is ignored"}},
      {"!/(a)/ $1\n",
       {"1: a negated rule has no groups to fill into its result; the rule is ignored"}},
      {"/(a)/ $2\n",
       {"1: the result asks for a group that the pattern does not have: it has 1; the rule is "
        "ignored"}},
      {"/(a)/ $99999999999999999999\n",
       {"1: the result asks for a group that the pattern does not have: it has 1; the rule is "
        "ignored"}},
      {"/(a/ one\n",
       {"1: the pattern is wrong at offset 2: missing closing parenthesis; the rule is ignored"}},
      {"if /(a/\n/b/ one\nendif\n",
       {"1: the pattern is wrong at offset 2: missing closing parenthesis; the \"if\" is ignored",
        "3: \"endif\" without \"if\"; it is ignored"}},
      {"if /a/\n /b/ one\nendif\n",
       {"1: the text behind the pattern of \"if\" is ignored: \"/b/ one\"",
        "1: lines between \"if\" and \"endif\" must not begin with white space"}},
      {"if /a/\nendif /a/\n", {"2: the text behind \"endif\" is ignored: \"/a/\""}},
      {"Subject: a\n",
       {"1: neither a pattern nor \"if\" or \"endif\"; the line is ignored: \"Subject: a\""}},
      {"ify /a/\n",
       {"1: neither a pattern nor \"if\" or \"endif\"; the line is ignored: \"ify /a/\""}},
      {std::string("/a/ one\0two\n", 12),
       {"1: a NUL byte; it and the rest of the line are ignored"}},
      {"if /a/\nif /b/\n/c/q\n",
       {"1: \"if\" without \"endif\": where it does not hold, the rest of the table is skipped",
        "2: \"if\" without \"endif\": where it does not hold, the rest of the table is skipped",
        "3: unknown flag \"q\" behind the pattern; the rule is ignored"}},
  };
  for (const auto& [table, faults] : cases) {
    CAPTURE(table);
    CHECK(TestTable(table).faults() == faults);
  }
}

TEST_CASE("a rule that is left out decides nothing") {
  for (const char* rule : {"/(a)/ $2", "!/(x)/ $1", "/(a/ one", "/a/ $x", "/a/q one", "/a one"}) {
    CAPTURE(rule);
    const TestTable file(std::string(rule) + "\nif /b/\n/c/ two\nendif\n");
    CHECK(file->rule_count() == 1);
    CHECK(file.answer("a") == "-");
    CHECK(file.answer("abc") == "two");
  }
}

TEST_CASE("a file that is no table does not fill the memory with its faults") {
  std::string junk;
  for (int line = 0; line < 20'000; ++line) {
    junk += "junk\n";
  }
  const auto faults = TestTable(junk).faults();
  CHECK(faults.size() == 10'001);
  CHECK(faults.back() == "0: there are 10000 more faults");
}

TEST_CASE("a table tells its rules by line and counts what they match") {
  const TestTable file("# first\nif /a/\n/b/ one\nendif\n/(c)/\n two $1\n");
  CHECK(file->rule_count() == 2);
  CHECK(file->line_of(0) == 3);
  CHECK(file->line_of(1) == 5);
  CHECK(file->result_of(1) == "two $1");
  CHECK(file->name() == "test");
  std::vector<LookupFault> faults;
  CHECK(file->find("c", faults)->rule == 1);
  CHECK(file->find("ab", faults)->rule == 0);
  CHECK(file->find("C", faults)->text == "two C");
  CHECK_FALSE(file->find("x", faults).has_value());
  CHECK(file->count(0) == 1);
  CHECK(file->count(1) == 2);
  static_cast<void>(file->look_up("c", faults));
  CHECK(file->count(1) == 2);
}

TEST_CASE("header checks never look up an empty key") {
  const TestTable file("/^$/ one\n");
  std::vector<LookupFault> faults;
  CHECK_FALSE(file->find("", faults).has_value());
  CHECK(file->look_up("", faults).has_value());
}

TEST_CASE("an inline table") {
  CHECK(inline_answer("pcre:{ {/^(a)b/ REJECT $1 $$}, { !/q{2}/  OK } }", "ab") == "REJECT a $");
  CHECK(inline_answer("pcre:{{/a/ A}\n{/b/ B},,{/c/ C}}", "c") == "C");
  CHECK(inline_answer("pcre:{{if /a/},{/b/ B},{endif}}", "b") == "-");
  CHECK(inline_answer("pcre:{}", "a") == "-");
  std::vector<TableFault> faults;
  const auto table = Table::open("pcre:{ {/a/ A}, {/b/q B} }", Table::Options{}, faults);
  REQUIRE(table.has_value());
  CHECK((*table)->name() == "inline table");
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].line == 2);
}

TEST_CASE("a table in a file is named by its path") {
  const TableFile file("/a/ one\n/b/q two\n# expect: a => one\n");
  for (const std::string prefix : {"", "pcre:"}) {
    std::vector<TableFault> faults;
    const auto table = Table::open(prefix + file.path(), Table::Options{}, faults);
    REQUIRE(table.has_value());
    CHECK((*table)->name() == file.path());
    CHECK((*table)->rule_count() == 1);
    CHECK((*table)->expectations().size() == 1);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].line == 2);
  }
}

TEST_CASE("what is no table that can be read is an error with what to do") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"pcre:/no/such/table", "cannot read '/no/such/table': No such file or directory"},
      {"/dev/null", "cannot read '/dev/null': it is not a regular file"},
      {"",
       "a table wants a path or rules, as in \"pcre:/etc/milterd/header_checks.pcre\", but "
       "this is \"\""},
      {"pcre:",
       "a table wants a path or rules, as in \"pcre:/etc/milterd/header_checks.pcre\", "
       "but this is \"pcre:\""},
      {"regexp:/x",
       "table \"regexp:/x\" is of type \"regexp\", and only \"pcre\" is supported; "
       "rewrite it as a pcre table: most rules may stay as they are, see "
       "regexp_table(5) and pcre_table(5) for the differences"},
      {"hash:/x",
       "table \"hash:/x\" is of type \"hash\", and only \"pcre\" is supported; header "
       "checks take patterns: make it a pcre table"},
      {"proxy:pcre:/x",
       "table \"proxy:pcre:/x\" is of type \"proxy\", and only \"pcre\" is "
       "supported; milterd reads its tables itself; leave \"proxy:\" out"},
      {"pcre:{ /a/ A }",
       "inline table: each rule of an inline table stands in braces, "
       "\"{/pattern/ action}\", but here \"/a/\" begins without"},
      {"pcre:{ {/a/ A }", "inline table: a closing brace is missing in \"{ {/a/ A }\""},
      {"pcre:{ {/a/ A} } x", "inline table: there is text behind the closing brace: \" x\""},
      {"pcre:{ {/a/ A}x }", "inline table: there is text behind the closing brace: \"x\""},
  };
  for (const auto& [specification, error] : cases) {
    CHECK(open_error(specification) == error);
  }
}

TEST_CASE("a list of tables is split as Postfix splits it") {
  CHECK(split_table_list("") == Texts{});
  CHECK(split_table_list(" ,\t\n") == Texts{});
  CHECK(split_table_list("pcre:/a, pcre:/b\n\tpcre:/c,,/d") ==
        Texts{"pcre:/a", "pcre:/b", "pcre:/c", "/d"});
  CHECK(split_table_list("pcre:/a}, pcre:/b") == Texts{"pcre:/a}", "pcre:/b"});
  CHECK(split_table_list("pcre:{ {/a/ A}, {/b{2}/ B} } pcre:/c") ==
        Texts{"pcre:{ {/a/ A}, {/b{2}/ B} }", "pcre:/c"});
  CHECK(split_table_list("pcre:{ {/(a)$$/ REJECT $$1 $$$$ } }") ==
        Texts{"pcre:{ {/(a)$/ REJECT $1 $$ } }"});
}
