#pragma once
/// A configuration file, read: its settings, and everything that is wrong with it.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/config/config.hpp"

namespace milterd {

/// One fault, ready to print. For the errors of a file that is
///     milterd.toml:14:17: error: 'max_scan_size' must be 1KiB..4GiB, got "0"
///        14 | max_scan_size = "0"
///           |                 ^
struct Problem {
  bool is_error = true;  ///< Else a warning.
  std::string text;      ///< One to three lines, no newline at the end.
};

/// Not thread-safe. Order of use: read(), let every stage read its section, check_unknown_keys(),
/// then ask ok().
class ConfigFile {
 public:
  /// Never fails: what cannot be read or parsed is a problem.
  static std::unique_ptr<ConfigFile> read(const std::string& path);
  /// `name` stands for the path in error texts.
  static std::unique_ptr<ConfigFile> parse(std::string_view text, const std::string& name);
  virtual ~ConfigFile() = default;

  virtual const Config& config() const = 0;
  /// Reports the keys that nobody asked for, with the nearest name that exists.
  virtual void check_unknown_keys() = 0;
  /// For faults found elsewhere (a plugin that does not load); `stage` indexes config().stages.
  virtual void add_stage_error(std::size_t stage, std::string_view key, std::string_view text) = 0;
  /// In file order.
  virtual std::vector<Problem> problems() const = 0;
  virtual bool ok() const = 0;  ///< No errors; warnings may be.
  /// The effective configuration, defaults included, as TOML that reads back to the same. Complete
  /// once every stage has read its section.
  virtual std::string print() const = 0;
};

}  // namespace milterd
