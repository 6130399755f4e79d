#include "milterd/config/toml_writer.hpp"

namespace milterd {

std::string write_toml_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result = "\"";
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\') {
      result += '\\';
      result += byte;
    } else if (code < 0x20 || code == 0x7F) {
      result += "\\u00";
      result += digits[code >> 4U];
      result += digits[code & 0x0FU];
    } else {
      result += byte;
    }
  }
  return result + "\"";
}

std::string write_toml_list(std::span<const std::string> texts) {
  std::string result = "[";
  for (const std::string& text : texts) {
    if (result.size() > 1) {
      result += ", ";
    }
    result += write_toml_string(text);
  }
  return result + "]";
}

}  // namespace milterd
