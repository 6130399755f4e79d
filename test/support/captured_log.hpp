#pragma once
/// A log that keeps its lines, and macros that are what the test says.

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "milterd/log.hpp"
#include "milterd/session.hpp"

namespace milterd::test {

/// Lines are "level event key=value key=value". Thread-safe.
class CapturedLog final : public Logger {
 public:
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override {
    static constexpr const char* words[] = {"debug", "info", "warn", "error"};
    std::string line = std::string(words[static_cast<int>(level)]) + " " + std::string(event);
    for (const auto& [key, value] : fields) {
      line.append(" ").append(key).append("=").append(value);
    }
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  bool enabled(LogLevel /*level*/) const override { return true; }

  /// Those that begin with `begin`.
  std::vector<std::string> lines(std::string_view begin = "") const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    std::ranges::copy_if(lines_, std::back_inserter(found),
                         [&](const std::string& line) { return line.starts_with(begin); });
    return found;
  }
  /// How many lines hold `text`.
  std::size_t count(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(
        lines_, [&](const std::string& line) { return line.find(text) != std::string::npos; }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

class FixedMacros final : public MacroSource {
 public:
  std::map<std::string, std::string, std::less<>> values = {{"i", "4Yk2"}, {"j", "mx.example.org"}};
  std::string_view macro(const char* name) const override {
    const auto found = values.find(name);
    return found == values.end() ? std::string_view() : found->second;
  }
};

}  // namespace milterd::test
