#pragma once
/// Durations and sizes as people write them: a whole number and a unit.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "milterd/result.hpp"

namespace milterd {

/// "500ms", "30s", "5m", "2h", "1d"; "0" needs no unit. Error: says what would be right.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// "100B", "64KiB", "25MiB", "1GiB"; "0" needs no unit. In bytes. Error: says what would be right.
Result<std::uint64_t> parse_size(std::string_view text);

/// In the largest unit that keeps it exact, so that it parses back to the same: "90s", "1d", "0s".
/// `duration` is not negative.
std::string format_duration(std::chrono::milliseconds duration);
/// The same for bytes: "1536KiB", "1GiB", "0B".
std::string format_size(std::uint64_t bytes);

}  // namespace milterd
