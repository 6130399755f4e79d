#include "plugins/clamav/clamav_config.hpp"

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include "plugins/clamav/report/virus_command.hpp"

namespace milterd::clamav {
namespace {

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
  config.updates = read_update_settings(section);
  config.policy = read_policy(section);
  config.exemptions = Exemptions::read(section);
  config.add_header = read_add_header(section);
  config.report_hostname = read_report_hostname(section);
  config.scan_log = read_scan_log(section);
  config.virus_action = read_virus_command(section, "virus_action");
  config.scan_bounds = read_scan_bounds(section);
  EngineSettings& engine = config.database.settings;
  engine = read_engine_settings(section);
  engine.temporary_directory = section.string("temporary_directory", "");
  check_directory(section, "temporary_directory", engine.temporary_directory);
  return config;
}

}  // namespace milterd::clamav
