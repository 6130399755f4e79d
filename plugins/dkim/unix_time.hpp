#pragma once
/// Time as t= and x= have it.

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace milterd::dkim {

/// Whole seconds since 1970; 0 before.
inline std::uint64_t unix_seconds(std::chrono::system_clock::time_point time) {
  const auto since_1970 = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  return static_cast<std::uint64_t>(std::max<std::int64_t>(since_1970.count(), 0));
}

}  // namespace milterd::dkim
