#include "plugins/header_checks/result_template.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "milterd/ascii.hpp"

namespace milterd::header_checks {
namespace {

struct Reference {
  std::string_view name;
  std::size_t size = 0;  ///< With its dollar sign and brackets.
  bool closed = true;
  bool bracketed = false;
};

/// `text` begins with "$".
Reference read_reference(std::string_view text) {
  const char open = text.size() > 1 ? text[1] : '\0';
  if (open != '(' && open != '{') {
    std::size_t end = 1;
    while (end < text.size() && (is_alphanumeric(text[end]) || text[end] == '_')) {
      ++end;
    }
    return {.name = text.substr(1, end - 1), .size = end};
  }
  const char close = open == '(' ? ')' : '}';
  std::size_t level = 1;
  for (std::size_t at = 2; at < text.size(); ++at) {
    level += text[at] == open ? 1U : 0U;
    level -= text[at] == close ? 1U : 0U;
    if (level == 0) {
      return {.name = text.substr(2, at - 2), .size = at + 1, .bracketed = true};
    }
  }
  return {.name = text.substr(2), .size = text.size(), .closed = false, .bracketed = true};
}

/// What is wrong with a group's number, "" if nothing is.
std::string read_group(std::string_view name, std::size_t& group) {
  if (!std::ranges::all_of(name, is_digit)) {
    return "the result names a group that is no number: " + shown(name);
  }
  const auto read = std::from_chars(name.data(), name.data() + name.size(), group);
  if (read.ec != std::errc{}) {
    group = SIZE_MAX;  // More than any pattern has.
  }
  return group == 0 ? "the result asks for group 0; groups count from 1" : "";
}

}  // namespace

std::optional<ResultTemplate> ResultTemplate::parse(std::string_view text, std::size_t line,
                                                    FaultList& faults) {
  ResultTemplate result;
  result.text_ = text;
  bool usable = true;
  std::string literal;
  const auto refuse = [&](std::string why) {
    faults.add(line, std::move(why));
    usable = false;
  };
  while (!text.empty()) {
    const auto dollar = std::min(text.find('$'), text.size());
    literal += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.starts_with("$$")) {
      literal += '$';
      text.remove_prefix(2);
      continue;
    }
    if (text.empty()) {
      break;
    }
    const auto reference = read_reference(text);
    if (!reference.closed) {
      refuse("a reference to a group is not closed: " + shown(text));
      break;
    }
    // Postfix stops here when something was wrong before, and so do its warnings.
    if (reference.bracketed && !usable) {
      break;
    }
    if (reference.name.empty()) {
      refuse("a dollar sign without the number of a group; \"$$\" is a dollar sign");
      break;
    }
    std::size_t group = 0;
    if (auto fault = read_group(reference.name, group); !fault.empty()) {
      refuse(std::move(fault));
    }
    result.highest_group_ = std::max(result.highest_group_, group);
    result.pieces_.push_back({std::exchange(literal, {}), group});
    text.remove_prefix(reference.size);
  }
  if (!usable) {
    faults.add(line, "the result cannot be used; the rule is ignored");
    return std::nullopt;
  }
  if (!result.pieces_.empty() || literal != result.text_) {
    result.pieces_.push_back({std::move(literal), 0});
  }
  return result;
}

std::string ResultTemplate::expand(std::string_view key,
                                   std::span<const std::size_t> offsets) const {
  if (pieces_.empty()) {
    return text_;
  }
  std::string result;
  for (const auto& piece : pieces_) {
    result += piece.literal;
    if (piece.group == 0 || 2 * piece.group + 1 >= offsets.size()) {
      continue;
    }
    const auto begin = offsets[2 * piece.group];
    const auto end = offsets[2 * piece.group + 1];
    // Both are PCRE2_UNSET where the group took no part.
    if (begin < end && end <= key.size()) {
      result += key.substr(begin, end - begin);
    }
  }
  return result;
}

}  // namespace milterd::header_checks
