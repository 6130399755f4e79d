#include "plugins/chained_milter/protocol/wire_fields.hpp"

namespace milterd::milter {

void append_u16(std::string& out, std::uint16_t number) {
  out.push_back(static_cast<char>(number >> 8));
  out.push_back(static_cast<char>(number & 0xff));
}

void append_u32(std::string& out, std::uint32_t number) {
  append_u16(out, static_cast<std::uint16_t>(number >> 16));
  append_u16(out, static_cast<std::uint16_t>(number & 0xffff));
}

void append_string(std::string& out, std::string_view text) {
  out.append(text.substr(0, text.find('\0'))).push_back('\0');
}

std::uint32_t read_u32(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes.substr(0, 4)) {
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  return number;
}

std::optional<std::uint32_t> FieldReader::u32() {
  if (rest_.size() < 4) {
    return std::nullopt;
  }
  const std::uint32_t number = read_u32(rest_);
  rest_.remove_prefix(4);
  return number;
}

std::optional<std::string_view> FieldReader::string() {
  if (rest_.empty()) {
    return std::nullopt;
  }
  const std::size_t end = rest_.find('\0');
  const std::string_view text = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  return text;
}

}  // namespace milterd::milter
