#pragma once
/// From the command line to a configuration: which file, which plugins, who tells its faults.

#include <memory>
#include <string>

#include "milterd/config/config_file.hpp"
#include "milterd/mta/listener.hpp"
#include "milterd/result.hpp"

namespace milterd {

/// `path` as --config gave it. For "" it is /etc/milterd/milterd.toml, and where that is missing
/// the built-in text.
std::unique_ptr<ConfigFile> read_configuration(const std::string& path);

/// Every problem to standard error, as it stands.
void print_problems(const ConfigFile& file);

/// Where the plugins are: what the configuration says; else plugins/ of the build tree that this
/// program runs from; else where they were installed.
std::string plugin_directory(const MilterSettings& settings);

/// Error: the `socket` key.
Result<Listener::Settings> listener_settings(const MilterSettings& settings);

}  // namespace milterd
