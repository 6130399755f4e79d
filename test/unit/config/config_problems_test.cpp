#include <doctest/doctest.h>

#include "milterd/config/config_file.hpp"
#include "test/unit/config/problems_text.hpp"

using namespace milterd;

TEST_CASE("problems: all faults of a file are told in one run, in file order") {
  const auto file = ConfigFile::parse(R"(user = "root"
[[stage]]
plugin = "clamav"
max_scn_size = "1MiB"
max_scan_size = "0"
[milter]
scoket = "inet:127.0.0.1:1"
	user	= 7 # with tabs
[[stage]]
on_error = "tempfial"
[logs]
level = "info"
[[stage]]
plugin = "clamav"
whatever = [1, 2]
)",
                                      "milterd.toml");
  REQUIRE(file->config().stages.size() == 2);
  for (const StageSettings& stage : file->config().stages) {
    stage.section->size("max_scan_size", 1024, 1024, 4ULL << 30);
  }
  file->check_unknown_keys();
  CHECK_FALSE(file->ok());
  CHECK(
      problems_text(*file) ==
      R"(milterd.toml:1:1: error: unknown key 'user'; known here: dns, limits, log, milter or stage
    1 | user = "root"
      | ^
milterd.toml:4:1: error: unknown key 'max_scn_size'; did you mean 'max_scan_size'?
    4 | max_scn_size = "1MiB"
      | ^
milterd.toml:5:17: error: 'max_scan_size' must be 1KiB..4GiB, got "0"
    5 | max_scan_size = "0"
      |                 ^
milterd.toml:7:1: error: unknown key 'scoket'; did you mean 'socket'?
    7 | scoket = "inet:127.0.0.1:1"
      | ^
milterd.toml:8:9: error: 'user' must be a string, got 7
    8 | 	user	= 7 # with tabs
      | 	    	  ^
milterd.toml:9:1: error: 'plugin' is missing: say which one, as in plugin = "clamav"
    9 | [[stage]]
      | ^
milterd.toml:10:12: error: 'on_error' must be tempfail, accept, reject or quarantine, got "tempfial"; did you mean 'tempfail'?
   10 | on_error = "tempfial"
      |            ^
milterd.toml:11:2: error: unknown table 'logs'; did you mean 'log'?
   11 | [logs]
      |  ^
milterd.toml:13:1: error: an earlier stage has the name 'clamav' already; give this one a 'name' of its own
   13 | [[stage]]
      | ^
milterd.toml:15:1: error: unknown key 'whatever'; known here: plugin, name, on_error, timeout, shadow or max_scan_size
   15 | whatever = [1, 2]
      | ^
)");
}

TEST_CASE("problems: what is not TOML is shown where it stands") {
  struct Case {
    std::string_view text;
    std::string_view problems;
  };
  constexpr Case cases[] = {
      {"[milter]\nuser = root\n",
       "m:2:8: error: not valid TOML: could not determine value type (in a value); a text stands "
       "in quotes\n"
       "    2 | user = root\n"
       "      |        ^\n"},
      {"[milter\n",
       "m:1:8: error: not valid TOML: expected ']', saw '\\n' (in a table header)\n"
       "    1 | [milter\n"
       "      |        ^\n"},
      {"a = 1\r\na = 2\r\n",
       "m:2:5: error: not valid TOML: cannot redefine existing integer 'a' (in a key-value pair)\n"
       "    2 | a = 2\n"
       "      |     ^\n"},
      {"a = ",
       "m:1:5: error: not valid TOML: encountered end-of-file (in a key-value pair)\n"
       "    1 | a = \n"
       "      |     ^\n"},
      {"a = \"\xC3(\"\n",
       "m:1:5: error: not valid TOML: Encountered invalid utf-8 sequence\n"
       "    1 | a = \"?(\"\n"
       "      |     ^\n"},
  };
  for (const auto& [text, problems] : cases) {
    CAPTURE(text);
    const auto file = ConfigFile::parse(text, "m");
    file->check_unknown_keys();
    CHECK_FALSE(file->ok());
    CHECK(file->config().stages.empty());
    CHECK(problems_text(*file) == problems);
  }
}

TEST_CASE("problems: tables written in the wrong form are told how to write them") {
  const auto file = ConfigFile::parse(
      "log = 3\n[stage]\nplugin = \"dkim\"\n[[milter]]\nsocket = \"inet:127.0.0.1:1\"\n", "m");
  file->check_unknown_keys();
  CHECK(problems_text(*file) ==
        "m:1:7: error: 'log' must be one table, written [log], got 3\n"
        "    1 | log = 3\n"
        "      |       ^\n"
        "m:2:1: error: 'stage' must be a list of tables, each written [[stage]], got a table\n"
        "    2 | [stage]\n"
        "      | ^\n"
        "m:4:1: error: 'milter' must be one table, written [milter], got tables\n"
        "    4 | [[milter]]\n"
        "      | ^\n");
}

TEST_CASE("problems: names of stages and plugins are those of files") {
  const auto file = ConfigFile::parse(
      "[[stage]]\nplugin = \"../dkim\"\n[[stage]]\nplugin = \"dkim\"\nname = \"a b\"\n"
      "[[stage]]\nplugin = \"\"\n[[stage]]\nplugin = \"x\"\nname = \"\"\n",
      "m");
  CHECK(file->config().stages.size() == 2);
  const std::string rule =
      " must be 1..64 letters, digits, '_', '-' or '.', and not begin with '.', got ";
  CHECK(problems_text(*file) == "m:2:10: error: 'plugin'" + rule +
                                    "\"../dkim\"\n"
                                    "    2 | plugin = \"../dkim\"\n"
                                    "      |          ^\n"
                                    "m:5:8: error: 'name'" +
                                    rule +
                                    "\"a b\"\n"
                                    "    5 | name = \"a b\"\n"
                                    "      |        ^\n"
                                    "m:7:10: error: 'plugin'" +
                                    rule +
                                    "\"\"\n"
                                    "    7 | plugin = \"\"\n"
                                    "      |          ^\n"
                                    "m:10:8: error: 'name'" +
                                    rule +
                                    "\"\"\n"
                                    "   10 | name = \"\"\n"
                                    "      |        ^\n");
}

TEST_CASE("problems: a stage whose plugin failed is not blamed for keys that nobody asked for") {
  const auto file = ConfigFile::parse(
      "[[stage]]\nplugin = \"dkmi\"\nmode = \"sign\"\n[[stage]]\nplugin = \"x\"\nkey = 1\n", "m");
  file->add_stage_error(0, "plugin", "cannot load the plugin 'dkmi': no such file");
  file->check_unknown_keys();
  CHECK_FALSE(file->ok());
  CHECK(problems_text(*file) ==
        "m:2:10: error: cannot load the plugin 'dkmi': no such file\n"
        "    2 | plugin = \"dkmi\"\n"
        "      |          ^\n"
        "m:6:1: error: unknown key 'key'; known here: plugin, name, on_error, timeout or shadow\n"
        "    6 | key = 1\n"
        "      | ^\n");
}

TEST_CASE("problems: a stage error without a key points at its table") {
  const auto file = ConfigFile::parse("\n[[stage]]\nplugin = \"x\"\n", "m");
  file->add_stage_error(0, "", "cannot start");
  CHECK(problems_text(*file) ==
        "m:2:1: error: cannot start\n"
        "    2 | [[stage]]\n"
        "      | ^\n");
}

TEST_CASE("problems: warnings are told and do no harm") {
  const auto file = ConfigFile::parse("[[stage]]\nplugin = \"x\"\nlimit = 3\n", "m");
  Section& section = *file->config().stages.at(0).section;
  CHECK(section.integer("limit", 1, 0, 10) == 3);
  section.warning("limit", "'limit' has no effect without 'bound'");
  file->check_unknown_keys();
  CHECK(file->ok());
  REQUIRE(file->problems().size() == 1);
  CHECK_FALSE(file->problems()[0].is_error);
  CHECK(file->problems()[0].text ==
        "m:3:9: warning: 'limit' has no effect without 'bound'\n"
        "    3 | limit = 3\n"
        "      |         ^");
}
