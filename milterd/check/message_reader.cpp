#include "milterd/check/message_reader.hpp"

#include <algorithm>

namespace milterd {
namespace {

/// Takes the first line off `rest`, without its line end. Postfix takes every CR at the end of a
/// line for a part of the line end.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  while (!line.empty() && line.back() == '\r') {
    line.remove_suffix(1);
  }
  return line;
}

/// Appends a line without its end. Postfix makes a CR within a line a space.
void append_line(std::string& text, std::string_view line) {
  const std::size_t begin = text.size();
  text.append(line);
  std::replace(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), '\r', ' ');
}

bool is_continuation(std::string_view rest) {
  return !rest.empty() && (rest.front() == ' ' || rest.front() == '\t');
}

/// The field's name, without blanks before the colon, which Postfix removes; "" if the line does
/// not begin a field.
std::string_view field_name(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return {};
  }
  std::string_view name = line.substr(0, colon);
  while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) {
    name.remove_suffix(1);
  }
  const bool printable = std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; });
  return printable ? name : std::string_view();
}

}  // namespace

ReadMessage read_message(std::string_view rest) {
  ReadMessage message;
  const std::size_t first_end = rest.find('\n');
  message.crlf =
      first_end != std::string_view::npos && first_end > 0 && rest[first_end - 1] == '\r';
  if (rest.starts_with("From ")) {
    take_line(rest);
  }
  while (!rest.empty()) {
    const std::string_view before = rest;
    const std::string_view line = take_line(rest);
    if (line.empty()) {
      break;
    }
    const std::string_view name = field_name(line);
    if (name.empty()) {
      rest = before;
      break;
    }
    std::string value;
    append_line(value, line.substr(line.find(':') + 1));
    while (is_continuation(rest)) {
      append_line(value.append("\r\n"), take_line(rest));
    }
    // Postfix's strings end there.
    value.resize(std::min(value.find('\0'), value.size()));
    message.fields.emplace_back(name, std::move(value));
  }
  message.body.reserve(rest.size() + rest.size() / 32 + 2);
  while (!rest.empty()) {
    append_line(message.body, take_line(rest));
    message.body.append("\r\n");
  }
  return message;
}

std::string first_address(std::string_view value) {
  const std::size_t open = value.rfind('<');
  const std::size_t close = value.find('>', open == std::string_view::npos ? 0 : open);
  if (open != std::string_view::npos && close != std::string_view::npos) {
    return std::string(value.substr(open + 1, close - open - 1));
  }
  constexpr std::string_view separators = " \t\r\n,;\"()<>";
  while (!value.empty()) {
    const std::size_t begin = std::min(value.find_first_not_of(separators), value.size());
    value.remove_prefix(begin);
    const std::string_view word = value.substr(0, value.find_first_of(separators));
    if (word.find('@') != std::string_view::npos) {
      return std::string(word);
    }
    value.remove_prefix(word.size());
  }
  return {};
}

}  // namespace milterd
