#pragma once
/// Guards against two ways to keep libclamav busy far beyond max_scan_time.

#include <cstdint>
#include <string>
#include <string_view>

namespace milterd::clamav {

/// What a file, taken for a message, has too much of.
enum class Excess : std::uint8_t {
  none,
  /// Lines of a folded field in a part's header. libclamav looks through the whole field for every
  /// line, and not at the time: 120,000 lines (0.8 MiB) take 16 s, ten times as many half an hour.
  folded_lines,
  /// Beginnings of uuencoded files. libclamav makes a file of each, even when the time is over, and
  /// does not count small ones: 100,000 (2.4 MiB) take up to 42 s.
  encoded_files,
};

Excess find_excess(std::string_view file, std::uint32_t max_files);

/// `file` without the lines that are too many, so that the rest of it can be scanned.
std::string without_excess(std::string_view file, std::uint32_t max_files);

}  // namespace milterd::clamav
