#include "plugins/clamav/clamav_config.hpp"

#include <doctest/doctest.h>

#include "test/support/stage_table.hpp"

namespace milterd::clamav {
namespace {

using test::StageTable;
using Errors = std::vector<std::string>;

TEST_CASE("an empty table has the documented defaults") {
  StageTable table("");
  const ClamavConfig config = read_config(table.section());
  CHECK(table.errors().empty());
  CHECK(config.database.directory == "/var/lib/clamav");
  CHECK(config.on_infected == Action::reject);
  CHECK(config.on_fail == Action::tempfail);
  CHECK(config.on_unscanned == Action::accept);
  CHECK(config.reject_message == "Infected with %v");
  CHECK(config.add_header == AddHeader::replace);
  const EngineSettings& engine = config.database.settings;
  CHECK(engine.max_scan_size == 104'857'600);
  CHECK(engine.max_file_size == 26'214'400);
  CHECK(engine.max_scan_time == std::chrono::seconds(120));
  CHECK(engine.max_recursion == 16);
  CHECK(engine.max_files == 10'000);
  CHECK_FALSE(engine.disable_cache);
  CHECK(engine.temporary_directory.empty());
}

TEST_CASE("every key is read whatever the others say, in the order of printing") {
  StageTable table("on_infected = 'accept'\nadd_header = 'no'\n");
  read_config(table.section());
  CHECK(table.errors().empty());
  CHECK(table.printed() == R"(database_directory = "/var/lib/clamav"
on_infected = "accept"
on_fail = "tempfail"
on_unscanned = "accept"
reject_message = "Infected with %v"
add_header = "no"
max_scan_size = "100MiB"
max_file_size = "25MiB"
max_scan_time = "2m"
max_recursion = 16
max_files = 10000
disable_cache = false
# temporary_directory = ""
)");
}

TEST_CASE("every action word stands for its action") {
  const std::pair<const char*, Action> words[] = {{"accept", Action::accept},
                                                  {"reject", Action::reject},
                                                  {"tempfail", Action::tempfail},
                                                  {"discard", Action::discard},
                                                  {"quarantine", Action::quarantine}};
  for (const auto& [word, action] : words) {
    CAPTURE(word);
    const std::string value = std::string(" = '") + word + "'\n";
    StageTable table("on_infected" + value + "on_unscanned" + value + "on_fail" + value);
    const ClamavConfig config = read_config(table.section());
    CHECK(config.on_infected == action);
    CHECK(config.on_unscanned == action);
    if (action == Action::discard) {
      CHECK(table.errors() ==
            Errors{"on_fail: 'on_fail' must be tempfail, accept, reject or quarantine, got "
                   "\"discard\""});
    } else {
      CHECK(table.errors().empty());
      CHECK(config.on_fail == action);
    }
  }
}

TEST_CASE("every fault of a table is reported") {
  StageTable table(
      "database_directory = ''\n"
      "reject_message = '%x'\n"
      "max_file_size = '2GiB'\n"
      "max_recursion = 101\n"
      "temporary_directory = '/nowhere/at/all'\n");
  const std::string missing_directory =
      "temporary_directory: '/nowhere/at/all' is not a directory: No such file or directory";
  read_config(table.section());
  CHECK(table.errors() ==
        Errors{"database_directory: 'database_directory' must name a directory, such as "
               "\"/var/lib/clamav\"",
               "reject_message: 'reject_message' knows %v (the signature's name) and %% (a percent "
               "sign), not '%x'",
               "max_file_size: 'max_file_size' must be 1KiB..2097151KiB, got \"2GiB\"",
               "max_recursion: 'max_recursion' must be 1..100, got 101", missing_directory});
}

}  // namespace
}  // namespace milterd::clamav
