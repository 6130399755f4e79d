#include "plugins/clamav/clamav_config.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include "plugins/clamav/policy/reject_message.hpp"

namespace milterd::clamav {
namespace {

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
  EngineSettings& engine = config.database.settings;
  engine = read_engine_settings(section);
  engine.temporary_directory = section.string("temporary_directory", "");
  check_directory(section, "temporary_directory", engine.temporary_directory);
  return config;
}

}  // namespace milterd::clamav
