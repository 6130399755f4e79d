#include "plugins/common/name_pattern.hpp"

#include <array>
#include <cstddef>
#include <regex.h>
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

/// glibc knows them beside POSIX; they can take for ever.
bool has_back_reference(std::string_view regex) {
  for (std::size_t at = regex.find('\\'); at < regex.size(); at = regex.find('\\', at + 2)) {
    if (at + 1 < regex.size() && is_digit(regex[at + 1])) {
      return true;
    }
  }
  return false;
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

struct NamePattern::Regex {
  Regex() = default;
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;
  ~Regex() {
    if (compiled) {
      regfree(&regex);
    }
  }
  /// 0 or regcomp's error.
  int compile(const std::string& text) {
    const int error = regcomp(&regex, text.c_str(), REG_EXTENDED | REG_ICASE | REG_NOSUB);
    compiled = error == 0;
    return error;
  }

  regex_t regex{};
  bool compiled = false;
};

NamePattern::NamePattern(std::string text, std::shared_ptr<const Regex> regex)
    : text_(std::move(text)), regex_(std::move(regex)) {}

Result<NamePattern> NamePattern::compile(std::string_view pattern) {
  const auto refuse = [pattern](std::string_view why) {
    return fail("'" + std::string(pattern) + "' is no pattern: " + std::string(why));
  };
  if (pattern.size() > longest_pattern) {
    return fail("a pattern has more than " + std::to_string(longest_pattern) + " bytes");
  }
  if (pattern.find_first_of(regex_characters) == std::string_view::npos) {
    return NamePattern(std::string(pattern), nullptr);
  }
  const std::string text = to_regex(pattern);
  if (has_back_reference(text)) {
    return refuse("a backslash with a digit is not supported");
  }
  // Alone first: in the parentheses that come around it, "a)|(b" would be taken.
  auto regex = std::make_shared<Regex>();
  int error = regex->compile(text);
  if (error == 0) {
    regex = std::make_shared<Regex>();
    error = regex->compile("^(" + text + ")$");
  }
  if (error != 0) {
    std::array<char, 200> why{};
    regerror(error, &regex->regex, why.data(), why.size());
    return refuse(why.data());
  }
  return NamePattern(std::string(pattern), std::move(regex));
}

bool NamePattern::matches(std::string_view name) const {
  if (name.size() > longest_name || name.find('\0') != std::string_view::npos) {
    return false;
  }
  if (regex_ == nullptr) {
    return fits(text_, name);
  }
  return regexec(&regex_->regex, std::string(name).c_str(), 0, nullptr, 0) == 0;
}

}  // namespace milterd
