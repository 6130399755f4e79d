#pragma once
/// Logging as stages see it: a level, a constant event name, and key=value pairs.

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace milterd {

enum class LogLevel : std::uint8_t { debug, info, warn, error };

struct LogField {
  std::string_view key;
  std::string_view value;  ///< Any bytes: the logger quotes, escapes and cuts them.
};

/// Thread-safe. The host's implementations put stage=, session= and queue_id= in by themselves.
/// Levels: error = someone must act; warn = survived, and the text says how; info = life cycle and
/// messages; debug = single steps. Never log bodies, keys or passwords.
class Logger {
 public:
  virtual void write(LogLevel level, std::string_view event, std::span<const LogField> fields) = 0;
  /// Ask before computing costly fields.
  virtual bool enabled(LogLevel level) const = 0;

  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::debug, event, {fields.begin(), fields.size()});
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::info, event, {fields.begin(), fields.size()});
  }
  void warn(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::warn, event, {fields.begin(), fields.size()});
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::error, event, {fields.begin(), fields.size()});
  }

 protected:
  ~Logger() = default;
};

}  // namespace milterd
