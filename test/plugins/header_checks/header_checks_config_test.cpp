#include "plugins/header_checks/header_checks_config.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "test/support/stage_table.hpp"

using namespace milterd;
using namespace milterd::header_checks;
using namespace milterd::test;

namespace {

using Texts = std::vector<std::string>;

/// A table in a file of its own.
class TableFile {
 public:
  explicit TableFile(std::string_view text) {
    std::string directory = std::filesystem::temp_directory_path() / "milterd-table-XXXXXX";
    REQUIRE(::mkdtemp(directory.data()) != nullptr);
    directory_ = directory;
    std::ofstream(path()) << text;
  }
  ~TableFile() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  TableFile(const TableFile&) = delete;
  TableFile& operator=(const TableFile&) = delete;

  std::string path() const { return directory_ / "table.pcre"; }

 private:
  std::filesystem::path directory_;
};

/// What reading the keys says, errors and warnings, with TABLE for the table's path.
Texts faults(const std::string& keys, const std::string& path = "TABLE", Load load = Load::now) {
  StageTable table(keys);
  read_config(table.section(), load);
  Texts texts = table.errors();
  for (std::string& text : texts) {
    for (std::size_t at = text.find(path); at != std::string::npos && path != "TABLE";
         at = text.find(path)) {
      text.replace(at, path.size(), "TABLE");
    }
  }
  return texts;
}

HeaderChecksConfig read(const std::string& keys) {
  StageTable table(keys);
  HeaderChecksConfig config = read_config(table.section(), Load::now);
  CHECK(table.errors() == Texts{});
  return config;
}

std::string key(const std::string& name, const std::string& specification) {
  return name + " = '''" + specification + "'''\n";
}

}  // namespace

TEST_CASE("defaults are Postfix's") {
  const HeaderChecksConfig config = read("");
  CHECK_FALSE(config.checks.look_at_messages());
  CHECK(config.checks.milter_header.empty());
  CHECK(config.checks.limits.lines.header_size_limit == 102'400);
  CHECK(config.checks.limits.lines.line_length_limit == 2'048);
  CHECK(config.checks.limits.mime_nesting_limit == 100);
  CHECK(config.checks.limits.mime_boundary_length_limit == 2'048);
  CHECK(config.checks.limits.body_checks_size_limit == 51'200);
}

TEST_CASE("every key is printed, mime_header_checks and nested_header_checks with what they are") {
  StageTable table(key("header_checks", "pcre:{ {/x/ DUNNO} }"));
  read_config(table.section(), Load::now);
  CHECK(table.printed() ==
        "header_checks = [\"pcre:{ {/x/ DUNNO} }\"]\n"
        "mime_header_checks = [\"pcre:{ {/x/ DUNNO} }\"]\n"
        "nested_header_checks = [\"pcre:{ {/x/ DUNNO} }\"]\n"
        "# body_checks = []\n"
        "# milter_header_checks = []\n"
        "strict = false\n"
        "match_limit = 1000000\n"
        "header_size_limit = \"100KiB\"\n"
        "line_length_limit = \"2KiB\"\n"
        "mime_nesting_limit = 100\n"
        "mime_boundary_length_limit = \"2KiB\"\n"
        "body_checks_size_limit = \"50KiB\"\n");
}

TEST_CASE("a key takes a list of tables, and Postfix's syntax in each") {
  const TableFile file("/x/ DUNNO\n");
  const std::string list = "'pcre:" + file.path() + ", " + file.path() + "', 'pcre:{ {/y/ OK} }'";
  const HeaderChecksConfig config =
      read("header_checks = [" + list + "]\nnested_header_checks = []");
  REQUIRE(config.checks.header.size() == 3);
  CHECK(config.checks.header[0].table->name() == file.path());
  CHECK(config.checks.header[1].table->name() == file.path());
  CHECK(config.checks.mime_header.size() == 3);
  CHECK(config.checks.nested_header.empty());
  CHECK(config.checks.body.empty());
}

TEST_CASE("a table in several keys is read once") {
  const TableFile file("/x/ DUNNO\n");
  const HeaderChecksConfig config =
      read(key("header_checks", "pcre:" + file.path()) + key("body_checks", "pcre:" + file.path()));
  CHECK(config.checks.header[0].table == config.checks.body[0].table);
  CHECK(config.checks.header[0].table == config.checks.mime_header[0].table);
}

TEST_CASE("decode is a setting of one table") {
  const HeaderChecksConfig config =
      read(key("header_checks",
               "pcre:{ {/x/ OK} }, { pcre:{ {/y/ OK} }, decode=rfc2047 }, { pcre:{ {/z/ OK} } }"));
  REQUIRE(config.checks.header.size() == 3);
  CHECK_FALSE(config.checks.header[0].decode);
  CHECK(config.checks.header[1].decode);
  CHECK_FALSE(config.checks.header[2].decode);
  // Once, though three parameters say it.
  CHECK(faults(key("header_checks", "{ pcre:{ {/y/ OK} }, decode=base64 }")) ==
        Texts{"header_checks: 'decode=base64' is no setting of a table; there is decode=rfc2047"});
  CHECK(faults(key("body_checks", "{ }")) == Texts{"body_checks: '{ }' names no table"});
}

TEST_CASE("a rule with a fault is warned of once, or an error where strict is set") {
  const TableFile file(
      "# a comment\n/a/ REDIRECT nobody\n/b/ PREPEND $1\n/(c)/ REJECT 2.0.0 $1\n/d/ NOSUCH\n");
  const std::string keys = key("header_checks", file.path());
  const Texts texts = {
      "TABLE:3: the result asks for a group that the pattern does not have: it has 0; the rule is "
      "ignored",
      "TABLE:2: REDIRECT needs an address user@domain, not 'nobody'",
      "TABLE:4: REJECT with the code 2.0.0 of success is a temporary failure; write 4.x.x or 5.x.x",
      "TABLE:5: 'NOSUCH' is no action of header_checks",
  };
  Texts errors;
  Texts warnings;
  for (const std::string& text : texts) {
    errors.push_back("header_checks: " + text);
    warnings.push_back("header_checks: milterd.toml:3:17: warning: " + text);
  }
  CHECK(faults(keys + "strict = true\n", file.path()) == errors);
  CHECK(faults(keys, file.path()) == warnings);
}

TEST_CASE("how many faults more there are is told of the table, not of a line") {
  std::string junk;
  for (int line = 0; line < 10'002; ++line) {
    junk += "junk\n";
  }
  const TableFile file(junk);
  CHECK(faults(key("body_checks", file.path()), file.path())
            .back()
            .ends_with("warning: TABLE: there are 2 more faults"));
}

TEST_CASE("FILTER is an error, strict or not, in every check") {
  const TableFile file("/x/ FILTER smtp:host\n");
  for (const char* check : {"body_checks", "milter_header_checks"}) {
    CHECK(faults(key(check, file.path()), file.path()) ==
          Texts{std::string(check) +
                ": TABLE:1: FILTER needs the MTA's queue manager, which no milter reaches; leave "
                "this rule in Postfix's own header_checks, or use content_filter there"});
  }
}

TEST_CASE("tables that cannot be read are all named in one run") {
  const Texts texts = faults(key("body_checks", "pcre:/no/such/table, regexp:/x") +
                             key("milter_header_checks", "hash:/y"));
  REQUIRE(texts.size() == 3);
  CHECK(texts[0].starts_with("body_checks: "));
  CHECK(texts[0].contains("/no/such/table"));
  CHECK(texts[1].contains("regexp"));
  CHECK(texts[2].starts_with("milter_header_checks: "));
}

TEST_CASE("a table's own tests run when the configuration is checked") {
  const TableFile file(
      "# expect: Subject: buy => REJECT\n# expect: Subject: x => none\n/^X/ HOLD\n");
  const std::string keys =
      key("body_checks", file.path()) + key("milter_header_checks", file.path());
  CHECK(faults(keys, file.path()) == Texts{});
  const Texts texts = faults(keys, file.path(), Load::check);
  REQUIRE(texts.size() == 1);
  CHECK(texts[0].starts_with("body_checks: TABLE:1: "));
}

TEST_CASE("a table that is used with and without decoding is tested as both") {
  const TableFile file("# expect: Subject: =?utf-8?q?buy?= => REJECT\n/^Subject: buy/ REJECT\n");
  const std::string keys = key("header_checks", "{ " + file.path() + ", decode=rfc2047 }") +
                           key("body_checks", file.path());
  const Texts texts = faults(keys, file.path(), Load::check);
  REQUIRE(texts.size() == 1);
  CHECK(texts[0].starts_with("body_checks: TABLE:1: expected \"REJECT\""));
}

TEST_CASE("limits out of range are refused") {
  CHECK(faults("line_length_limit = \"1B\"").size() == 1);
  CHECK(faults("mime_nesting_limit = 0").size() == 1);
  CHECK(faults("match_limit = 0").size() == 1);
  CHECK(faults("body_checks_size_limit = \"0B\"") == Texts{});
}
