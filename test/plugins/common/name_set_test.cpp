#include "plugins/common/name_set.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "test/plugins/dkim/temporary_directory.hpp"
#include "test/support/stage_table.hpp"

using namespace milterd;
using milterd::dkim::test::TemporaryDirectory;
using milterd::test::StageTable;

TEST_CASE("a set has names, files of names and files of patterns, and ignores letter case") {
  const TemporaryDirectory directory;
  const std::string names = directory.write("names", "one.example\nTWO.example # two\n");
  const std::string patterns = directory.write("patterns", "*.three.example\nfour[0-9].example\n");
  StageTable table(
      "names = ['Zero.example', 'csl:five.example,six.example', 'seven.example, 8', '" + names +
      "', 'refile:" + patterns + "']\n");
  const NameSet set = read_name_set(table.section(), "names");
  CHECK(table.problems().empty());
  CHECK_FALSE(set.empty());
  for (const std::string& name : std::vector<std::string>{
           "zero.EXAMPLE", "one.example", "two.example", "a.three.example", "FOUR7.example",
           "five.example", "six.example", "seven.example", "8"}) {
    CAPTURE(name);
    CHECK(set.contains(name));
  }
  for (const std::string& name :
       std::vector<std::string>{"", "example", "three.example", "four.example"}) {
    CAPTURE(name);
    CHECK_FALSE(set.contains(name));
  }
}

TEST_CASE("an absent set is empty") {
  StageTable table("");
  const NameSet set = read_name_set(table.section(), "names");
  CHECK(table.problems().empty());
  CHECK(set.empty());
  CHECK_FALSE(set.contains(""));
}

TEST_CASE("each fault of a set is told with its place") {
  const TemporaryDirectory directory;
  const std::string patterns = directory.write("patterns", "a*\n\nb[x\n(c\n");
  StageTable table("names = ['refile:" + patterns + "', '/nowhere/names', 'db:/x']\n");
  read_name_set(table.section(), "names");
  CHECK(table.problems() ==
        std::vector<std::string>{
            "names: '" + patterns + "' line 3: 'b[x' is no pattern: Unmatched [, [^, [:, [., or [=",
            "names: '" + patterns + "' line 4: '(c' is no pattern: Unmatched ( or \\(",
            "names: cannot read '/nowhere/names': No such file or directory",
            "names: cannot use 'db:/x': only lists and text files can be read; write the data to a "
            "text file and name it with file: or refile:"});
}
