#include "plugins/chained_milter/protocol/quoted.hpp"

#include <algorithm>

namespace milterd::milter {

std::string quoted(std::string_view bytes) {
  constexpr std::size_t longest = 100;
  std::string text(bytes.substr(0, longest));
  std::ranges::replace_if(text, [](unsigned char c) { return c < ' ' || c > '~'; }, '?');
  return "\"" + text + "\"";
}

std::string shown_code(char code) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(code);
  if (byte > ' ' && byte <= '~') {
    return std::string("'") + code + "'";
  }
  return std::string("0x") + digits[byte >> 4U] + digits[byte & 15U];
}

}  // namespace milterd::milter
