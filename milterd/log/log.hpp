#pragma once
/// The process's log: stderr, syslog or a file; text or JSON.

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "milterd/config/config.hpp"
#include "milterd/log.hpp"
#include "milterd/result.hpp"

namespace milterd {

/// Text form: `2026-11-22T10:00:00.123Z info event key=value key="quoted \"text\""`; syslog brings
/// its own time. Values are cut at 200 bytes, control bytes and what is not UTF-8 are escaped, so a
/// value can never forge a line. Thread-safe; a line is written whole.
class Log : public Logger {
 public:
  /// Error: the file cannot be opened, and why.
  static Result<std::unique_ptr<Log>> open(const LogSettings& settings);
  virtual ~Log() = default;
  /// Reopens a file target (after rotation) and takes a new level; format and target stay.
  virtual void reopen(LogLevel level) = 0;
};

/// Puts its own fields in front of each line of another logger.
class ContextLog final : public Logger {
 public:
  using Context = std::vector<std::pair<std::string, std::string>>;

  ContextLog(Logger& parent, Context context) : parent_(parent), context_(std::move(context)) {}
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override;
  bool enabled(LogLevel level) const override { return parent_.enabled(level); }
  /// Replaces the value of a context field.
  void set(std::string_view key, std::string_view value);

 private:
  Logger& parent_;
  Context context_;
};

}  // namespace milterd
