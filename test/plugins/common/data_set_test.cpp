#include "plugins/common/data_set.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "test/plugins/dkim/temporary_directory.hpp"

using namespace milterd;
using milterd::dkim::test::TemporaryDirectory;

namespace {

/// "place: key=value"
std::vector<std::string> texts(const DataSet& set) {
  std::vector<std::string> texts;
  for (const DataEntry& entry : set.entries) {
    texts.push_back(entry.place + ": " + entry.key + "=" + entry.value);
  }
  return texts;
}

}  // namespace

TEST_CASE("a list is split at commas, and pairs at the first equals sign") {
  struct Case {
    std::string specification;
    std::vector<std::string> entries;
  };
  for (const Case& one : std::vector<Case>{
           {"csl:a,b", {"entry 1: a=", "entry 2: b="}},
           {"CSL: a , b c ,", {"entry 1: a=", "entry 2: b c="}},
           {"a,b", {"entry 1: a=", "entry 2: b="}},
           {"a", {"entry 1: a="}},
           {"a,::1,file:x", {"entry 1: a=", "entry 2: ::1=", "entry 3: file:x="}},
           {"csl:k=d:s:/p, k2 = v=w", {"entry 1: k=d:s:/p", "entry 2: k2=v=w"}},
           {"csl:=v,,a", {"entry 3: a="}},
           {"csl:", {}},
           {"", {}},
       }) {
    CAPTURE(one.specification);
    const auto set = DataSet::read(one.specification);
    REQUIRE(set);
    CHECK(set->kind == DataSet::Kind::list);
    CHECK(texts(*set) == one.entries);
  }
}

TEST_CASE("a file has one entry a line, whatever its line ends and blanks") {
  struct Case {
    std::string content;
    std::vector<std::string> entries;  ///< Behind "'PATH' line ".
  };
  const TemporaryDirectory directory;
  for (const Case& one : std::vector<Case>{
           {"", {}},
           {"\n\n", {}},
           {"a", {"1: a="}},
           {"a\nb\n", {"1: a=", "2: b="}},
           {"a\r\nb v\r\n", {"1: a=", "2: b=v"}},
           {"\xef\xbb\xbf"
            "a v\n",
            {"1: a=v"}},
           {"# all\n  # more\na#b\nc d # e\n", {"3: a=", "4: c=d"}},
           {" \t a\t \tv w \t\n", {"1: a=v w"}},
           {"a " + std::string(5000, 'x') + "\n", {"1: a=" + std::string(5000, 'x')}},
       }) {
    CAPTURE(one.content);
    const std::string path = directory.write("set", one.content);
    std::vector<std::string> expected;
    for (const std::string& entry : one.entries) {
      expected.push_back("'" + path + "' line " + entry);
    }
    for (const std::string& specification : {path, "file:" + path, "FILE:" + path}) {
      const auto set = DataSet::read(specification);
      REQUIRE(set);
      CHECK(set->kind == DataSet::Kind::file);
      CHECK(texts(*set) == expected);
    }
    const auto patterns = DataSet::read("refile:" + path);
    REQUIRE(patterns);
    CHECK(patterns->kind == DataSet::Kind::patterns);
    CHECK(texts(*patterns) == expected);
  }
}

TEST_CASE("what cannot be read is told, and what to do") {
  const TemporaryDirectory directory;
  const std::string binary = directory.write("binary", std::string("a\nb\0c\n", 6));
  const std::string large = directory.write("large", "");
  std::filesystem::resize_file(large, (16 << 20) + 1);
  std::string many;
  for (int i = 0; i <= 500'000; ++i) {
    many += "a\n";
  }
  const std::string long_list = directory.write("many", many);
  const std::string database =
      ": only lists and text files can be read; write the data to a text file and name it with "
      "file: or refile:";
  struct Case {
    std::string specification;
    std::string error;
  };
  for (const Case& one : std::vector<Case>{
           {"/nowhere/set", "cannot read '/nowhere/set': No such file or directory"},
           {"refile:", "cannot read '': No such file or directory"},
           {"file:/", "cannot read '/': it is not a regular file"},
           {"keys.db", "cannot use 'keys.db'" + database},
           {"/etc/keys.db", "cannot use '/etc/keys.db'" + database},
           {"db:/etc/keys", "cannot use 'db:/etc/keys'" + database},
           {"DSN:mysql://x", "cannot use 'DSN:mysql://x'" + database},
           {"ldap://x", "cannot use 'ldap://x'" + database},
           {"lua:/x", "cannot use 'lua:/x'" + database},
           {"memcache:x", "cannot use 'memcache:x'" + database},
           {"mdb:/x", "cannot use 'mdb:/x'" + database},
           {"erlang:x", "cannot use 'erlang:x'" + database},
           {"files:/x",
            "cannot use 'files:/x': 'files' is no type of data set; use csl:, file: or refile:"},
           {binary, "cannot use '" + binary +
                        "': line 2 has a NUL byte, so this is no text file; a database has to be "
                        "written out as text"},
           {large, "cannot read '" + large + "': it is larger than 16777216 bytes"},
           {long_list, "cannot use '" + long_list + "': it has more than 500000 entries"},
       }) {
    CAPTURE(one.specification);
    const auto set = DataSet::read(one.specification);
    REQUIRE_FALSE(set);
    CHECK(set.error().message == one.error);
  }
}

TEST_CASE("an item of a list is a data set if it looks like one") {
  for (const char* item : {"/path", "file:x", "refile:/x", "csl:a", "a,b", "db:x", "LUA:x"}) {
    CAPTURE(item);
    CHECK(DataSet::is_specification(item));
  }
  for (const char* item : {"example.org", "::1", "[::1]", "2001:db8::/32", "*", "a@b", "x:y", ""}) {
    CAPTURE(item);
    CHECK_FALSE(DataSet::is_specification(item));
  }
}
