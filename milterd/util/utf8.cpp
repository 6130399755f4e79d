#include "milterd/util/utf8.hpp"

namespace milterd {
namespace {

struct Lead {
  std::size_t size;
  char32_t bits;
  char32_t least;  ///< Below it, a shorter sequence would have done.
};

Lead read_lead(unsigned char byte) {
  if (byte < 0x80) {
    return {1, byte, 0};
  }
  if (byte >= 0xC2 && byte < 0xE0) {
    return {2, byte & 0x1FU, 0x80};
  }
  if (byte >= 0xE0 && byte < 0xF0) {
    return {3, byte & 0x0FU, 0x800};
  }
  if (byte >= 0xF0 && byte < 0xF5) {
    return {4, byte & 0x07U, 0x10000};
  }
  return {0, 0, 0};
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

}  // namespace

CodePoint first_code_point(std::string_view bytes) {
  const Lead lead = read_lead(static_cast<unsigned char>(bytes.front()));
  if (lead.size == 0 || lead.size > bytes.size()) {
    return {};
  }
  char32_t value = lead.bits;
  for (std::size_t i = 1; i < lead.size; ++i) {
    if (!is_continuation(bytes[i])) {
      return {};
    }
    value = (value << 6U) | (static_cast<unsigned char>(bytes[i]) & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < lead.least || value > 0x10FFFF || surrogate) {
    return {};
  }
  return {value, lead.size};
}

bool acts_on_display(char32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) ||
         (code_point >= 0x200E && code_point <= 0x200F) ||
         (code_point >= 0x2028 && code_point <= 0x202E) ||
         (code_point >= 0x2066 && code_point <= 0x2069);
}

std::string_view cut_utf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) {
    return text;
  }
  std::size_t size = limit;
  // A sequence has at most three continuation bytes; more of them are not UTF-8 anyway.
  for (int step = 0; step < 3 && size > 0 && is_continuation(text[size]); ++step) {
    --size;
  }
  return text.substr(0, size);
}

}  // namespace milterd
