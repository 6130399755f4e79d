#pragma once
/// A log that tests can read.

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "milterd/log.hpp"

namespace milterd::test {

/// Keeps lines of the form "warn clamav.no_database directory=/x text=...". Thread-safe.
class RecordingLog final : public Logger {
 public:
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override {
    static constexpr const char* names[] = {"debug", "info", "warn", "error"};
    std::string line = names[static_cast<std::size_t>(level)];
    line += " ";
    line += event;
    for (const LogField& field : fields) {
      line += " ";
      line += field.key;
      line += "=";
      line += field.value;
    }
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  bool enabled(LogLevel /*level*/) const override { return true; }

  /// Those that begin with `begin`.
  std::vector<std::string> lines(std::string_view begin) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    std::ranges::copy_if(lines_, std::back_inserter(found),
                         [&](const std::string& line) { return line.starts_with(begin); });
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace milterd::test
