#include "plugins/dkim/verifying/body_size.hpp"

#include <cstddef>

#include "milterd/ascii.hpp"

namespace milterd::dkim {

namespace {

constexpr std::string_view line_end = "\r\n";

/// Without blanks at the end, and with one for each run of them.
std::size_t relaxed_line_size(std::string_view line) {
  std::size_t size = 0;
  bool in_blanks = false;
  for (const char c : line) {
    if (is_space(c)) {
      in_blanks = true;
    } else {
      size += in_blanks ? 2 : 1;
      in_blanks = false;
    }
  }
  return size;
}

}  // namespace

std::uint64_t canonical_body_size(std::string_view body, bool relaxed) {
  std::uint64_t size = 0;
  std::uint64_t empty_lines = 0;
  while (!body.empty()) {
    const std::size_t end = body.find(line_end);
    const std::string_view line = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view{} : body.substr(end + line_end.size());
    const std::size_t line_size = relaxed ? relaxed_line_size(line) : line.size();
    if (line_size == 0) {
      ++empty_lines;
    } else {
      size += (empty_lines + 1) * line_end.size() + line_size;
      empty_lines = 0;
    }
  }
  return size == 0 && !relaxed ? line_end.size() : size;
}

}  // namespace milterd::dkim
