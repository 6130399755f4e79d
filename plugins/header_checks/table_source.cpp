#include "plugins/header_checks/table_source.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "milterd/ascii.hpp"
#include "plugins/common/text_file.hpp"
#include "plugins/header_checks/fault_list.hpp"
#include "plugins/header_checks/white_space.hpp"

namespace milterd::header_checks {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} * 1024 * 1024;

bool separates(char c) { return c == ',' || is_white(c); }

/// The next element of a list; commas and blanks within braces do not separate. Nothing at the end.
std::optional<std::string_view> take_element(std::string_view& list) {
  while (!list.empty() && separates(list.front())) {
    list.remove_prefix(1);
  }
  if (list.empty()) {
    return std::nullopt;
  }
  std::size_t level = 0;
  std::size_t end = 0;
  for (; end < list.size() && (level > 0 || !separates(list[end])); ++end) {
    if (list[end] == '{') {
      ++level;
    } else if (list[end] == '}' && level > 0) {
      --level;
    }
  }
  const auto element = list.substr(0, end);
  list.remove_prefix(end);
  return element;
}

/// The text within the braces that begin and end it.
Result<std::string_view> within_braces(std::string_view text) {
  if (!text.starts_with('{')) {
    return fail("each rule of an inline table stands in braces, \"{/pattern/ action}\", but here " +
                shown(text) + " begins without");
  }
  std::size_t level = 0;
  std::size_t end = 0;
  do {
    if (end == text.size()) {
      return fail("a closing brace is missing in " + shown(text));
    }
    level += text[end] == '{' ? 1U : 0U;
    level -= text[end] == '}' ? 1U : 0U;
    ++end;
  } while (level > 0);
  if (end < text.size()) {
    return fail("there is text behind the closing brace: " + shown(text.substr(end)));
  }
  return text.substr(1, end - 2);
}

Result<TableSource> read_inline(std::string_view braces) {
  TableSource source{"inline table", ""};
  auto list = within_braces(braces);
  if (!list) {
    return fail("inline table: " + list.error().message);
  }
  if (list->size() > most_bytes) {
    return fail("inline table: it is larger than " + std::to_string(most_bytes) + " bytes");
  }
  while (const auto element = take_element(*list)) {
    const auto rule = within_braces(*element);
    if (!rule) {
      return fail("inline table: " + rule.error().message);
    }
    source.text += trim_left(trim_right(*rule));
    source.text += '\n';
  }
  return source;
}

/// "hash" of "hash:/path"; "" where it is a path.
std::string_view type_of(std::string_view specification) {
  const auto colon = specification.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return "";
  }
  const auto type = specification.substr(0, colon);
  return std::ranges::all_of(type, [](char c) { return is_alphanumeric(c) || c == '_'; }) ? type
                                                                                          : "";
}

std::string what_to_do(std::string_view type) {
  if (type == "regexp") {
    return "rewrite it as a pcre table: most rules may stay as they are, see regexp_table(5) and "
           "pcre_table(5) for the differences";
  }
  if (type == "proxy") {
    return "milterd reads its tables itself; leave \"proxy:\" out";
  }
  return "header checks take patterns: make it a pcre table";
}

/// What main.cf takes "$$" for.
std::string single_dollars(std::string_view text) {
  std::string single;
  while (!text.empty()) {
    single += text.front();
    text.remove_prefix(text.starts_with("$$") ? 2 : 1);
  }
  return single;
}

}  // namespace

std::vector<std::string> split_table_list(std::string_view text) {
  std::vector<std::string> tables;
  while (const auto element = take_element(text)) {
    tables.push_back(single_dollars(*element));
  }
  return tables;
}

Result<TableSource> read_table_source(std::string_view specification) {
  const auto type = type_of(specification);
  if (!type.empty() && type != "pcre") {
    return fail("table " + shown(specification) + " is of type \"" + std::string(type) +
                "\", and only \"pcre\" is supported; " + what_to_do(type));
  }
  const auto place = specification.substr(type.empty() ? 0 : type.size() + 1);
  if (place.empty()) {
    return fail(
        "a table wants a path or rules, as in \"pcre:/etc/milterd/header_checks.pcre\", "
        "but this is " +
        shown(specification));
  }
  if (place.starts_with('{')) {
    return read_inline(place);
  }
  const std::string path(place);
  auto text = read_text_file(path, most_bytes);
  if (!text) {
    return std::unexpected(std::move(text.error()));
  }
  return TableSource{path, std::move(*text)};
}

}  // namespace milterd::header_checks
