#include <algorithm>
#include <array>
#include <cstddef>

#include "milterd/log/log.hpp"

namespace milterd {

void ContextLog::write(LogLevel level, std::string_view event, std::span<const LogField> fields) {
  if (!enabled(level)) {
    return;
  }
  // As good as every line fits, and costs no allocation then.
  std::array<LogField, 32> few;
  std::vector<LogField> many;
  const std::size_t count = context_.size() + fields.size();
  std::span<LogField> all(few);
  if (count > few.size()) {
    many.resize(count);
    all = many;
  }
  const auto rest = std::ranges::transform(context_, all.begin(), [](const auto& entry) {
                      return LogField{entry.first, entry.second};
                    }).out;
  std::ranges::copy(fields, rest);
  parent_.write(level, event, all.first(count));
}

void ContextLog::set(std::string_view key, std::string_view value) {
  const auto entry = std::ranges::find(
      context_, key, [](const auto& field) -> std::string_view { return field.first; });
  if (entry != context_.end()) {
    entry->second = value;
  } else {
    context_.emplace_back(key, value);
  }
}

}  // namespace milterd
