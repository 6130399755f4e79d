#pragma once
/// White space as Postfix's table parsers see it: more than blanks, ASCII only.

#include <string_view>

namespace milterd::header_checks {

constexpr bool is_white(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

constexpr std::string_view trim_left(std::string_view text) {
  while (!text.empty() && is_white(text.front())) {
    text.remove_prefix(1);
  }
  return text;
}

constexpr std::string_view trim_right(std::string_view text) {
  while (!text.empty() && is_white(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace milterd::header_checks
