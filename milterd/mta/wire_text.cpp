#include "milterd/mta/wire_text.hpp"

#include <algorithm>
#include <cstddef>

namespace milterd {
namespace {

// libmilter refuses more of either (MAXREPLYLEN, MAXREPLIES).
constexpr std::size_t longest_line = 980;
constexpr std::size_t most_lines = 32;

char printable(char byte) {
  if (byte >= ' ' && byte <= '~') {
    return byte;
  }
  return static_cast<unsigned char>(byte) < 0x80 ? ' ' : '?';
}

std::string wire_line(std::string_view text) {
  std::string line;
  for (const char byte : text) {
    const bool doubled = byte == '%';
    if (line.size() + (doubled ? 2 : 1) > longest_line) {
      break;
    }
    // A lone '%' makes libmilter drop the whole text, and Postfix turns two into one again.
    line.append(doubled ? 2 : 1, printable(byte));
  }
  return line;
}

bool is_digits(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most &&
         std::ranges::all_of(text, [](char byte) { return byte >= '0' && byte <= '9'; });
}

/// RFC 3463: class "." subject "." detail.
bool is_enhanced_code(std::string_view text, char wanted_class) {
  const auto first = text.find('.');
  const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
  return second != std::string_view::npos &&
         text.substr(0, first) == std::string(1, wanted_class) &&
         is_digits(text.substr(first + 1, second - first - 1), 1, 3) &&
         is_digits(text.substr(second + 1), 1, 3);
}

}  // namespace

WireReply wire_reply(Action action, const Reply& reply) {
  const bool final = action == Action::reject;
  const int least = final ? 500 : 400;
  const bool fits = reply.code >= least && reply.code < least + 100;
  WireReply wire;
  wire.code = fits ? std::to_string(reply.code) : (final ? "550" : "451");
  const char wanted_class = wire.code.front();
  if (!fits) {
    wire.enhanced = final ? "5.7.1" : "4.7.1";
  } else if (is_enhanced_code(reply.enhanced, wanted_class)) {
    wire.enhanced = reply.enhanced;
  }
  for (const auto& text : reply.lines) {
    if (auto line = wire_line(text); !line.empty() && wire.lines.size() < most_lines) {
      wire.lines.push_back(std::move(line));
    }
  }
  if (wire.lines.empty()) {
    wire.lines.emplace_back(final ? "Message refused" : "Service unavailable - try again later");
  }
  return wire;
}

std::string wire_value(std::string_view value, bool leading_space) {
  if (!leading_space && value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  std::string wire;
  wire.reserve(value.size());
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (value[at] != '\r' || at + 1 == value.size() || value[at + 1] != '\n') {
      wire += value[at];
    }
  }
  return wire;
}

std::string wire_path(std::string_view path) { return "<" + std::string(path) + ">"; }

std::string_view bare_path(std::string_view argument) {
  const bool bracketed = argument.size() >= 2 && argument.front() == '<' && argument.back() == '>';
  return bracketed ? argument.substr(1, argument.size() - 2) : argument;
}

}  // namespace milterd
