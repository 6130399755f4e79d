#include "plugins/clamav/clamav_config.hpp"

#include <doctest/doctest.h>

#include "fake_section.hpp"

namespace milterd::clamav {
namespace {

using test::FakeSection;
using Errors = std::vector<std::string>;

TEST_CASE("an empty table has the documented defaults") {
  FakeSection section;
  const ClamavConfig config = read_config(section);
  CHECK(section.errors().empty());
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
  FakeSection section({{"on_infected", "accept"}, {"add_header", "no"}});
  read_config(section);
  CHECK(section.asked() == Errors{"database_directory", "on_infected", "on_fail", "on_unscanned",
                                  "reject_message", "add_header", "max_scan_size", "max_file_size",
                                  "max_scan_time", "max_recursion", "max_files", "disable_cache",
                                  "temporary_directory"});
}

TEST_CASE("every action word stands for its action") {
  const std::pair<const char*, Action> words[] = {{"accept", Action::accept},
                                                  {"reject", Action::reject},
                                                  {"tempfail", Action::tempfail},
                                                  {"discard", Action::discard},
                                                  {"quarantine", Action::quarantine}};
  for (const auto& [word, action] : words) {
    CAPTURE(word);
    FakeSection section({{"on_infected", word}, {"on_unscanned", word}, {"on_fail", word}});
    const ClamavConfig config = read_config(section);
    CHECK(config.on_infected == action);
    CHECK(config.on_unscanned == action);
    if (action == Action::discard) {
      CHECK(section.errors() == Errors{"on_fail: is no such word"});
    } else {
      CHECK(section.errors().empty());
      CHECK(config.on_fail == action);
    }
  }
}

TEST_CASE("every fault of a table is reported") {
  FakeSection section({{"database_directory", ""},
                       {"reject_message", "%x"},
                       {"max_recursion", std::int64_t{101}},
                       {"max_file_size", std::int64_t{1} << 31},
                       {"temporary_directory", "/nowhere/at/all"}});
  const std::string missing_directory =
      "temporary_directory: '/nowhere/at/all' is not a directory: No such file or directory";
  read_config(section);
  CHECK(section.errors() ==
        Errors{"database_directory: must name a directory, such as \"/var/lib/clamav\"",
               "reject_message: knows %v (the signature's name) and %% (a percent sign), not '%x'",
               "max_file_size: is out of range", "max_recursion: is out of range",
               missing_directory});
}

}  // namespace
}  // namespace milterd::clamav
