#include "plugins/header_checks/field_text.hpp"

#include <cstddef>

#include "milterd/ascii.hpp"
#include "plugins/header_checks/logical_header.hpp"

namespace milterd::header_checks {
namespace {

/// Postfix cuts fields at 60,000 bytes where milters are on, and the host refuses longer ones; a
/// little is left for what folds and blanks add.
constexpr std::size_t longest_field = 59'000;

/// With the colon and the line ends that are asked for.
std::string folded(std::string_view text, std::string_view line_end) {
  text = text.substr(0, longest_field);
  std::string result;
  result.reserve(text.size() + 8);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '\n') {
      result += c == '\r' || c == '\0' ? ' ' : c;
      continue;
    }
    if (result.size() + line_end.size() >= longest_field) {
      break;
    }
    result += line_end;
    if (at + 1 == text.size() || !is_space(text[at + 1])) {
      result += '\t';
    }
  }
  return result;
}

}  // namespace

std::optional<FieldText> field_of_text(std::string_view text) {
  const std::size_t name_size = field_name_size(text);
  if (name_size == 0) {
    return std::nullopt;
  }
  const std::size_t colon = text.find(':', name_size);
  return FieldText{std::string(text.substr(0, name_size)), folded(text.substr(colon + 1), "\n")};
}

std::string body_lines_of_text(std::string_view text) { return folded(text, "\r\n") + "\r\n"; }

}  // namespace milterd::header_checks
