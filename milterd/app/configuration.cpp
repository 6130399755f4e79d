#include "milterd/app/configuration.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "milterd/app/build_settings.hpp"
#include "milterd/config/default_config.hpp"

namespace milterd {
namespace {

constexpr const char* default_path = "/etc/milterd/milterd.toml";

}  // namespace

std::unique_ptr<ConfigFile> read_configuration(const std::string& path) {
  if (!path.empty()) {
    return ConfigFile::read(path);
  }
  // A file that is there but may not be read is an error, not a reason for other settings.
  if (access(default_path, F_OK) != 0 && errno == ENOENT) {
    return ConfigFile::parse(default_config_text(), "built-in configuration");
  }
  return ConfigFile::read(default_path);
}

void print_problems(const ConfigFile& file) {
  for (const auto& problem : file.problems()) {
    std::fprintf(stderr, "%s\n", problem.text.c_str());
  }
}

std::string plugin_directory(const MilterSettings& settings) {
  if (!settings.plugin_directory.empty()) {
    return settings.plugin_directory;
  }
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto built = program.parent_path().parent_path() / "plugins";
  return !error && std::filesystem::is_directory(built, error) ? built.string()
                                                               : MILTERD_PLUGIN_DIRECTORY;
}

Result<Listener::Settings> listener_settings(const MilterSettings& settings) {
  auto address = parse_socket_address(settings.socket);
  if (!address) {
    return std::unexpected(std::move(address.error()));
  }
  return Listener::Settings{std::move(*address), settings.socket_mode, settings.socket_group};
}

}  // namespace milterd
