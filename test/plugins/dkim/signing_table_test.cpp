#include "plugins/dkim/keys/signing_table.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "test/plugins/dkim/temporary_directory.hpp"
#include "test/support/stage_table.hpp"

using namespace milterd;
using namespace milterd::dkim;
using milterd::dkim::test::TemporaryDirectory;
using milterd::test::StageTable;

namespace {

MailAddress address(const std::string& text) {
  const std::size_t at = text.rfind('@');
  return {.local_part = text.substr(0, at), .domain = text.substr(at + 1)};
}

/// The key names of the rows that fit.
std::vector<std::string> keys(const SigningTable& table, const std::string& sender) {
  std::vector<std::string> names;
  for (const SigningTable::Row* row : table.find(address(sender))) {
    names.push_back(row->key_name);
  }
  return names;
}

struct Case {
  std::string sender;
  std::vector<std::string> first;
  std::vector<std::string> all;
};

void check_both(const std::string& specification, const std::vector<Case>& cases) {
  StageTable config("");
  const SigningTable first(config.section(), specification, false);
  const SigningTable all(config.section(), specification, true);
  CHECK(first.is_sound());
  for (const Case& one : cases) {
    CAPTURE(one.sender);
    CHECK(keys(first, one.sender) == one.first);
    CHECK(keys(all, one.sender) == one.all);
  }
}

}  // namespace

TEST_CASE("an exact table is searched from the whole address to the star") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("table", R"(
*                        star
joe@*                    joe-anywhere
.test                    below-test
joe@.test                joe-below-test
.example.test            below-example
joe@.example.test        joe-below-example
Sub.Example.test         host
JOE@sub.example.test     address
)");
  check_both(
      file, {{"joe@sub.example.test",
              {"address"},
              {"address", "host", "joe-below-example", "below-example", "joe-below-test",
               "below-test", "joe-anywhere", "star"}},
             {"Joe@other.example.test",
              {"joe-below-example"},
              {"joe-below-example", "below-example", "joe-below-test", "below-test", "joe-anywhere",
               "star"}},
             {"ann@sub.example.test", {"host"}, {"host", "below-example", "below-test", "star"}},
             {"ann@a.b.example.test", {"below-example"}, {"below-example", "below-test", "star"}},
             {"ann@example.test", {"below-test"}, {"below-test", "star"}},
             {"ann@test", {"star"}, {"star"}},
             {"joe@elsewhere", {"joe-anywhere"}, {"joe-anywhere", "star"}},
             // No row counts twice, whatever the domain begins with.
             {"joe@.test",
              {"joe-below-test"},
              {"joe-below-test", "below-test", "joe-anywhere", "star"}}});
}

TEST_CASE("a list is an exact table") {
  check_both("csl:example.org=k1, joe@example.org=k2:@example.org",
             {{"joe@example.org", {"k2"}, {"k2", "k1"}}, {"ann@example.org", {"k1"}, {"k1"}}});
}

TEST_CASE("a table of patterns is searched from top to bottom") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("table", R"(
list-*@example.org       lists
joe@example.org          joe
*@example.org            domain
*@*.example.org          below
*@example.org            domain-again
joe@example.org          joe-again
(joe|ann)@example.*      people
*                        all
)");
  check_both("refile:" + file,
             {{"joe@example.org",
               {"joe"},
               {"joe", "domain", "domain-again", "joe-again", "people", "all"}},
              {"Ann@example.org", {"domain"}, {"domain", "domain-again", "people", "all"}},
              {"list-a@example.org", {"lists"}, {"lists", "domain", "domain-again", "all"}},
              {"x@sub.example.org", {"below"}, {"below", "all"}},
              {"ann@example.com", {"people"}, {"people", "all"}},
              {"x@example.com", {"all"}, {"all"}}});
}

TEST_CASE("an address that fits no row has no key") {
  check_both("csl:example.org=k1", {{"joe@example.com", {}, {}}, {"joe@sub.example.org", {}, {}}});
}

TEST_CASE("a row has a key, perhaps a signer, and its place") {
  StageTable config("");
  const SigningTable table(config.section(), "csl:a.test=k1:@%,b.test=%,c.test=k2:joe@c.test:x",
                           false);
  CHECK(config.problems().empty());
  REQUIRE(table.rows().size() == 3);
  CHECK(table.rows()[0].key_name == "k1");
  CHECK(table.rows()[0].signer == "@%");
  CHECK(table.rows()[0].place == "entry 1");
  CHECK(table.rows()[1].key_name == "%");
  CHECK(table.rows()[1].signer.empty());
  CHECK(table.rows()[2].signer == "joe@c.test:x");
}

TEST_CASE("rows that fit senders of every domain are known as such") {
  const TemporaryDirectory directory;
  const auto everybody = [&](const std::string& prefix, const std::string& senders) {
    StageTable config("");
    const std::string file = directory.write("table", senders + " k1\n");
    const SigningTable table(config.section(), prefix + file, false);
    REQUIRE(table.rows().size() == 1);
    return table.rows()[0].everybody;
  };
  for (const char* senders : {"*", "*@*", "*@*.*", "[a-z]*"}) {
    CAPTURE(senders);
    CHECK(everybody("refile:", senders));
  }
  for (const char* senders : {"*@example.org", "joe@*", "*.org", "*@*.example.org", ".*"}) {
    CAPTURE(senders);
    CHECK_FALSE(everybody("refile:", senders));
  }
  CHECK(everybody("file:", "*"));
  CHECK(everybody("file:", "joe@*"));
  CHECK_FALSE(everybody("file:", "example.org"));
}

TEST_CASE("every row is checked") {
  const TemporaryDirectory directory;
  const std::string patterns = directory.write("patterns", R"(*@a.test k1
*@b.test
c[@x k1
example.org k1
*@d.test :@d.test
*example.org k1
)");
  StageTable config("signing_table = 'refile:" + patterns + "'\n");
  Section& section = config.section();
  const SigningTable table(section, section.string("signing_table", ""), false);
  CHECK_FALSE(table.is_sound());
  const std::string place = "signing_table: '" + patterns + "' line ";
  const std::string warning = "signing_table: warning: '" + patterns + "' line ";
  CHECK(config.problems() ==
        std::vector<std::string>{
            place + "2: row '*@b.test' names no key: a row is SENDER KEYNAME",
            place + "3: 'c[@x' is no pattern: Unmatched [, [^, [:, [., or [=",
            warning + "4: row 'example.org' fits no sender: write '*@example.org' for those of a "
                      "domain",
            place + "5: row '*@d.test' names no key: a row is SENDER KEYNAME"});
}

TEST_CASE("rows of an exact table that can never count are warned of") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("table", R"(*@example.org k1
example.org k1
EXAMPLE.org k2
*@* k1
*.example.org k1
)");
  StageTable config("signing_table = '" + file + "'\n");
  Section& section = config.section();
  const SigningTable table(section, section.string("signing_table", ""), false);
  CHECK(table.is_sound());
  const std::string place = "signing_table: warning: '" + file + "' line ";
  const std::string no_patterns =
      "' fits no sender: this table has no patterns; write DOMAIN, .DOMAIN or USER@DOMAIN, or name "
      "the table with refile:";
  CHECK(config.problems() ==
        std::vector<std::string>{
            place + "1: row '*@example.org" + no_patterns,
            place + "3: row 'EXAMPLE.org' is there already; without multiple_signatures only the "
                    "first one counts",
            place + "4: row '*@*" + no_patterns, place + "5: row '*.example.org" + no_patterns});
}

TEST_CASE("a table that cannot be read, or is empty, is a fault") {
  const TemporaryDirectory directory;
  const std::string empty = directory.write("empty", "# nothing\n");
  StageTable config("signing_table = '" + empty + "'\n");
  Section& section = config.section();
  CHECK_FALSE(SigningTable(section, section.string("signing_table", ""), false).is_sound());
  CHECK_FALSE(SigningTable(section, "/nowhere/table", false).is_sound());
  CHECK(config.problems() ==
        std::vector<std::string>{
            "signing_table: '" + empty + "' has no row",
            "signing_table: cannot read '/nowhere/table': No such file or directory"});
}
