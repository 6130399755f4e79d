#include <doctest/doctest.h>
#include <limits>

#include "milterd/config/config_file.hpp"
#include "test/unit/config/problems_text.hpp"

using namespace milterd;
using namespace std::chrono_literals;

namespace {

/// A file of one stage, for the keys of its table.
struct StageFile {
  explicit StageFile(const std::string& keys)
      : file(ConfigFile::parse("[[stage]]\nplugin = \"x\"\n" + keys, "m")),
        section(*file->config().stages.at(0).section) {}

  /// What the stage's own keys print as.
  std::string printed() const {
    const std::string text = file->print();
    const std::string_view last_common_key = "shadow = false\n";
    return text.substr(text.find(last_common_key) + last_common_key.size());
  }

  std::unique_ptr<ConfigFile> file;
  Section& section;
};

}  // namespace

TEST_CASE("section: gives what stands in the table") {
  StageFile stage(
      "text = \"a\"\nyes = true\nnumber = -3\ntime = \"2m\"\nbytes = \"3KiB\"\nword = \"b\"\n"
      "list = [\"a\", \"b\"]\nsingle = \"a\"\nnone = []\n");
  CHECK(stage.section.has("text"));
  CHECK_FALSE(stage.section.has("absent"));
  CHECK(stage.section.string("text", "z") == "a");
  CHECK(stage.section.boolean("yes", false));
  CHECK(stage.section.integer("number", 1, -3, 3) == -3);
  CHECK(stage.section.duration("time", 1s, 0s, 2min) == 2min);
  CHECK(stage.section.size("bytes", 1, 0, 3072) == 3072);
  CHECK(stage.section.choice("word", 0, {"a", "b"}) == 1);
  CHECK(stage.section.strings("list", {}) == std::vector<std::string>{"a", "b"});
  CHECK(stage.section.strings("single", {}) == std::vector<std::string>{"a"});
  CHECK(stage.section.strings("none", {"a"}).empty());
  stage.file->check_unknown_keys();
  CHECK(problems_text(*stage.file).empty());
}

TEST_CASE("section: gives the default for what is absent") {
  StageFile stage("");
  CHECK(stage.section.string("text", "z") == "z");
  CHECK(stage.section.boolean("yes", true));
  CHECK(stage.section.integer("number", -1, 0, 3) == -1);
  CHECK(stage.section.duration("time", 1s, 0s, 2min) == 1s);
  CHECK(stage.section.size("bytes", 7, 0, 3072) == 7);
  CHECK(stage.section.choice("word", 2, {"a", "b"}) == 2);
  CHECK(stage.section.strings("list", {"a", "b"}) == std::vector<std::string>{"a", "b"});
  CHECK(stage.section.tables("rule").empty());
  CHECK(stage.file->ok());
}

TEST_CASE("section: prints keys in the order they were asked for, those not set as comments") {
  StageFile stage("given = \"\"\nbytes = \"1024B\"\n");
  stage.section.string("unset", "");
  stage.section.string("given", "z");
  stage.section.size("bytes", 7, 0, 3072);
  stage.section.integer("number", -1, 0, 3);
  stage.section.duration("time", 0s, 1s, 2min);
  stage.section.choice("word", 2, {"a", "b"});
  stage.section.strings("list", {});
  stage.section.boolean("yes", true);
  stage.section.integer("number", 2, 0, 3);
  CHECK(stage.printed() == R"(# unset = ""
given = ""
bytes = "1KiB"
number = 2
# time = "0s"
# word = ""
# list = []
yes = true
)");
}

TEST_CASE("section: a wrong type says what was got") {
  struct Case {
    std::string value;
    std::string got;
  };
  const Case cases[] = {
      {"\"no\"", "\"no\""},
      {"3", "3"},
      {"1.5", "a number with a fraction"},
      {"[1]", "a list"},
      {"{a = 1}", "a table"},
      {"[{a = 1}]", "tables"},
      {"2026-01-01", "a date or time"},
      {"'" + std::string(80, 'x') + "'", "\"" + std::string(60, 'x') + "...\""},
  };
  for (const auto& [value, got] : cases) {
    CAPTURE(value);
    StageFile stage("yes = " + value + "\n");
    CHECK(stage.section.boolean("yes", true));
    CHECK(problems_text(*stage.file) == "m:3:7: error: 'yes' must be true or false, got " + got +
                                            "\n    3 | yes = " + value + "\n      |       ^\n");
  }
}

TEST_CASE("section: a range that is open above says so") {
  StageFile stage("number = -1\nbytes = \"1B\"\ntime = \"1s\"\n");
  stage.section.integer("number", 0, 0, std::numeric_limits<std::int64_t>::max());
  stage.section.size("bytes", 2048, 1024, std::numeric_limits<std::uint64_t>::max());
  stage.section.duration("time", 1min, 1min, std::chrono::milliseconds::max());
  CHECK(problems_text(*stage.file) ==
        "m:3:10: error: 'number' must be at least 0, got -1\n"
        "    3 | number = -1\n"
        "      |          ^\n"
        "m:4:9: error: 'bytes' must be at least 1KiB, got \"1B\"\n"
        "    4 | bytes = \"1B\"\n"
        "      |         ^\n"
        "m:5:8: error: 'time' must be at least 1m, got \"1s\"\n"
        "    5 | time = \"1s\"\n"
        "      |        ^\n");
}

TEST_CASE("section: every element of a list that is no string is told") {
  StageFile stage("list = [1,\n  \"a\", true]\n");
  CHECK(stage.section.strings("list", {"default"}) == std::vector<std::string>{"default"});
  CHECK(problems_text(*stage.file) ==
        "m:3:9: error: 'list' must hold strings only, got 1\n"
        "    3 | list = [1,\n"
        "      |         ^\n"
        "m:4:8: error: 'list' must hold strings only, got true\n"
        "    4 |   \"a\", true]\n"
        "      |        ^\n");
}

TEST_CASE("section: nested tables are read, checked and printed in their order") {
  const std::string keys =
      "flag = true\n"
      "\n[[stage.rule]]\nname = \"one\"\n"
      "\n[[stage.rule.part]]\nsize = \"1KiB\"\n"
      "\n[[stage.rule]]\nname = \"two\"\n";
  StageFile stage(keys);
  const auto read = [](Section& section) {
    std::string names;
    section.boolean("flag", false);
    for (Section* rule : section.tables("rule")) {
      names += rule->string("name", "") + " ";
      for (Section* part : rule->tables("part")) {
        names += std::to_string(part->size("size", 0, 0, 4096)) + " ";
      }
    }
    return names;
  };
  CHECK(read(stage.section) == "one 1024 two ");
  CHECK(stage.printed() == keys);
  CHECK(read(stage.section) == "one 1024 two ");
  CHECK(stage.printed() == keys);
  stage.file->check_unknown_keys();
  CHECK(problems_text(*stage.file).empty());
}

TEST_CASE("section: faults in nested tables are told where they are") {
  StageFile stage("[[stage.rule]]\nnmae = \"one\"\n[[stage.other]]\n[stage.single]\n");
  for (Section* rule : stage.section.tables("rule")) {
    rule->string("name", "");
    rule->error("name", "'name' is missing");
  }
  CHECK(stage.section.tables("single").empty());
  stage.file->check_unknown_keys();
  CHECK(problems_text(*stage.file) ==
        "m:3:1: error: 'name' is missing\n"
        "    3 | [[stage.rule]]\n"
        "      | ^\n"
        "m:4:1: error: unknown key 'nmae'; did you mean 'name'?\n"
        "    4 | nmae = \"one\"\n"
        "      | ^\n"
        "m:5:9: error: unknown table 'other'; known here: plugin, name, on_error, timeout, shadow, "
        "rule or single\n"
        "    5 | [[stage.other]]\n"
        "      |         ^\n"
        "m:6:1: error: 'single' must be a list of tables, each written [[stage.single]], got a "
        "table\n"
        "    6 | [stage.single]\n"
        "      | ^\n");
}
