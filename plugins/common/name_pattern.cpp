#include "plugins/common/name_pattern.hpp"

#include <cstddef>
#include <utility>

#include "milterd/ascii.hpp"

namespace milterd {

namespace {

constexpr std::size_t longest_name = 1000;
constexpr std::size_t longest_pattern = 1000;
/// What makes a pattern more than a text with "*" in it.
constexpr std::string_view regex_characters = "[]()|?{}^$\\";

/// As POSIX writes it. Where the pattern has a backslash, the next character is escaped already.
std::string to_regex(std::string_view pattern) {
  std::string regex;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      regex += c;
      regex += pattern[++i];
    } else if (c == '*') {
      regex += ".*";
    } else {
      if (c == '.' || c == '+') {
        regex += '\\';
      }
      regex += c;
    }
  }
  return regex;
}

/// "*" is any text, all else itself.
bool fits(std::string_view pattern, std::string_view name) {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (at < name.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      resume = at;
    } else if (in_pattern < pattern.size() && to_lower(pattern[in_pattern]) == to_lower(name[at])) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      // The last "*" takes one byte more; earlier ones never have to.
      in_pattern = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

}  // namespace

NamePattern::NamePattern(std::string text, std::optional<PosixRegex> regex)
    : text_(std::move(text)), regex_(std::move(regex)) {}

Result<NamePattern> NamePattern::compile(std::string_view pattern) {
  if (pattern.size() > longest_pattern) {
    return fail("a pattern has more than " + std::to_string(longest_pattern) + " bytes");
  }
  if (pattern.find_first_of(regex_characters) == std::string_view::npos) {
    return NamePattern(std::string(pattern), std::nullopt);
  }
  const std::string text = to_regex(pattern);
  // Alone first: in the parentheses that come around it, "a)|(b" would be taken.
  auto regex = PosixRegex::compile(text, PosixRegex::Syntax::extended);
  if (regex) {
    regex = PosixRegex::compile("^(" + text + ")$", PosixRegex::Syntax::extended);
  }
  if (!regex) {
    return fail("'" + std::string(pattern) + "' is no pattern: " + regex.error().message);
  }
  return NamePattern(std::string(pattern), std::move(*regex));
}

bool NamePattern::matches(std::string_view name) const {
  if (name.size() > longest_name || name.find('\0') != std::string_view::npos) {
    return false;
  }
  return regex_ ? regex_->finds(name) : fits(text_, name);
}

}  // namespace milterd
