#include "plugins/header_checks/expectation.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/header_checks/fault_list.hpp"
#include "plugins/header_checks/rfc2047.hpp"
#include "plugins/header_checks/white_space.hpp"

namespace milterd::header_checks {
namespace {

constexpr std::string_view separator = " => ";

std::string without_escapes(std::string_view text) {
  constexpr std::string_view escapes = "nt\\";
  constexpr std::string_view meanings = "\n\t\\";
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto which = text[at] == '\\' && at + 1 < text.size() ? escapes.find(text[at + 1])
                                                                : std::string_view::npos;
    plain += which == std::string_view::npos ? text[at] : meanings[which];
    at += which == std::string_view::npos ? 0 : 1;
  }
  return plain;
}

/// Behind "expect:" in a comment; nothing in all other lines.
std::optional<std::string_view> expectation_in(std::string_view line) {
  constexpr std::string_view mark = "expect:";
  auto rest = trim_left(line);
  if (!rest.starts_with('#')) {
    return std::nullopt;
  }
  rest = trim_left(rest.substr(1));
  if (!rest.starts_with(mark)) {
    return std::nullopt;
  }
  return trim_left(trim_right(rest.substr(mark.size())));
}

/// The action's word in lower case, then the rest.
std::pair<std::string, std::string_view> split_action(std::string_view action) {
  action = trim_left(trim_right(action));
  const auto end = std::ranges::find_if(action, is_white) - action.begin();
  const auto size = static_cast<std::size_t>(end);
  return {to_lower(action.substr(0, size)), trim_left(action.substr(size))};
}

bool holds(std::string_view expected, const std::optional<Match>& match) {
  const auto [word, text] = split_action(expected);
  if (!match) {
    return text.empty() && (word == "none" || word == "dunno");
  }
  const auto [found_word, found_text] = split_action(match->text);
  if (word == "dunno" && text.empty()) {
    return found_word == "dunno" || found_word == "ok";
  }
  return word == found_word && (text.empty() || text == found_text);
}

}  // namespace

std::vector<Table::Expectation> parse_expectations(std::string_view text) {
  std::vector<Table::Expectation> expectations;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto expectation = expectation_in(text.substr(0, end))) {
      const auto middle = expectation->rfind(separator);
      const bool whole = middle != std::string_view::npos;
      expectations.push_back(
          {number, without_escapes(trim_right(expectation->substr(0, middle))),
           std::string(whole ? trim_left(expectation->substr(middle + separator.size())) : "")});
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return expectations;
}

std::vector<TableFault> check_expectations(const Table& table, bool decode) {
  std::vector<TableFault> faults;
  for (const auto& expectation : table.expectations()) {
    if (expectation.key.empty() || expectation.action.empty()) {
      faults.push_back({expectation.line,
                        "an expectation reads \"# expect: HEADER => ACTION\"; this one lacks its " +
                            std::string(expectation.key.empty() ? "HEADER" : "\" => ACTION\"")});
      continue;
    }
    std::vector<LookupFault> lookup_faults;
    const auto match =
        table.look_up(decode ? decode_header(expectation.key) : expectation.key, lookup_faults);
    for (auto& fault : lookup_faults) {
      faults.push_back(
          {expectation.line, "line " + std::to_string(fault.line) + ": " + fault.text});
    }
    if (!holds(expectation.action, match)) {
      faults.push_back(
          {expectation.line, "expected " + shown(expectation.action) + " for " +
                                 shown(expectation.key) + ", but " +
                                 (match ? "line " + std::to_string(table.line_of(match->rule)) +
                                              " answers " + shown(match->text)
                                        : "no rule matches")});
    }
  }
  return faults;
}

}  // namespace milterd::header_checks
