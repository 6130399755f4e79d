#include "plugins/clamav/policy/reject_message.hpp"

#include <algorithm>

namespace milterd::clamav {

namespace {
constexpr std::size_t most_bytes = 400;  // An SMTP reply line has 512, the signature's name in it.
}

Result<> check_reject_message(std::string_view text) {
  if (text.empty() || text.size() > most_bytes) {
    return fail("'reject_message' must have 1 to " + std::to_string(most_bytes) + " characters");
  }
  if (!std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) {
    return fail(
        "'reject_message' must be printable ASCII in one line: SMTP replies carry nothing else");
  }
  for (std::size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 2)) {
    const std::string_view escape = text.substr(i, 2);
    if (escape != "%v" && escape != "%%") {
      return fail(
          "'reject_message' knows %v (the signature's name) and %% (a percent sign), not '" +
          std::string(escape) + "'");
    }
  }
  return {};
}

std::string format_reject_message(std::string_view text, std::string_view signature) {
  std::string formatted;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      formatted += text[i];
      continue;
    }
    ++i;
    if (i < text.size() && text[i] == 'v') {
      formatted += signature;
    } else {
      formatted += '%';
    }
  }
  return formatted;
}

}  // namespace milterd::clamav
