#pragma once
/// The plugins that are loaded. Code is loaded once, before any thread starts, and never unloaded:
/// a reload makes new stages from it.

#include <map>
#include <string>
#include <string_view>

#include "milterd/log.hpp"
#include "milterd/plugin.hpp"
#include "milterd/result.hpp"

namespace milterd {

/// Not thread-safe.
class PluginLibrary {
 public:
  /// `directory` holds NAME.so, or NAME/NAME.so as a build tree has it.
  explicit PluginLibrary(std::string directory) : directory_(std::move(directory)) {}

  /// Loads a plugin and runs its process_init; does nothing where it is loaded already. Error: the
  /// file, what is wrong with it, what to do. Once seal() was called every new name is an error.
  Result<> load(std::string_view name, Logger& log);
  /// Threads are about to start.
  void seal() { sealed_ = true; }
  /// Null where it is not loaded.
  const Plugin* find(std::string_view name) const;
  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
  bool sealed_ = false;
  std::map<std::string, const Plugin*, std::less<>> plugins_;
};

}  // namespace milterd
