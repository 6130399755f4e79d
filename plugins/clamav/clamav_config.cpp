#include "plugins/clamav/clamav_config.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include "plugins/clamav/policy/reject_message.hpp"

namespace milterd::clamav {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::uint64_t kibibyte = 1024;
constexpr std::uint64_t gibibyte = 1024 * 1024 * 1024;
// libclamav never scans a file of 2 GiB or more, and has a fixed table for nested parts.
constexpr std::uint64_t most_file_size = 2 * gibibyte - kibibyte;
constexpr std::int64_t most_recursion = 100;

Action any_action(Section& section, std::string_view key, std::size_t otherwise) {
  constexpr std::array actions = {Action::accept, Action::reject, Action::tempfail, Action::discard,
                                  Action::quarantine};
  return actions.at(
      section.choice(key, otherwise, {"accept", "reject", "tempfail", "discard", "quarantine"}));
}

Action on_fail_action(Section& section) {
  constexpr std::array actions = {Action::tempfail, Action::accept, Action::reject,
                                  Action::quarantine};
  return actions.at(section.choice("on_fail", 0, {"tempfail", "accept", "reject", "quarantine"}));
}

void check_directory(Section& section, std::string_view key, const std::string& path) {
  if (path.empty()) {
    return;
  }
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    section.error(key, "'" + path + "' is not a directory" +
                           (error ? ": " + error.message() : std::string()));
  } else if (::access(path.c_str(), W_OK | X_OK) != 0) {
    section.error(key, "cannot write to the directory '" + path +
                           "': " + std::generic_category().message(errno));
  }
}

}  // namespace

ClamavConfig read_config(Section& section) {
  ClamavConfig config;
  EngineSettings& engine = config.database.settings;
  config.database.directory = section.string("database_directory", "/var/lib/clamav");
  if (config.database.directory.empty()) {
    section.error("database_directory",
                  "'database_directory' must name a directory, such as \"/var/lib/clamav\"");
  }
  config.on_infected = any_action(section, "on_infected", 1);
  config.on_fail = on_fail_action(section);
  config.on_unscanned = any_action(section, "on_unscanned", 0);
  config.reject_message = section.string("reject_message", "Infected with %v");
  if (const Result<> checked = check_reject_message(config.reject_message); !checked) {
    section.error("reject_message", checked.error().message);
  }
  config.add_header = std::array{AddHeader::replace, AddHeader::add, AddHeader::no}.at(
      section.choice("add_header", 0, {"replace", "add", "no"}));
  engine.max_scan_size =
      section.size("max_scan_size", engine.max_scan_size, kibibyte, 4 * gibibyte - kibibyte);
  engine.max_file_size =
      section.size("max_file_size", engine.max_file_size, kibibyte, most_file_size);
  engine.max_scan_time =
      section.duration("max_scan_time", engine.max_scan_time, milliseconds(1), hours(1));
  engine.max_recursion = static_cast<std::uint32_t>(
      section.integer("max_recursion", engine.max_recursion, 1, most_recursion));
  engine.max_files =
      static_cast<std::uint32_t>(section.integer("max_files", engine.max_files, 1, 1'000'000));
  engine.disable_cache = section.boolean("disable_cache", false);
  engine.temporary_directory = section.string("temporary_directory", "");
  check_directory(section, "temporary_directory", engine.temporary_directory);
  return config;
}

}  // namespace milterd::clamav
