#include "plugins/common/data_set.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/common/text_file.hpp"

namespace milterd {

namespace {

constexpr std::size_t largest_file = 16 * 1024 * 1024;
constexpr std::size_t most_entries = 500'000;
constexpr std::string_view blanks = " \t\r\v\f";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::array<std::string_view, 10> unsupported = {
    "bdb", "db", "dsn", "erlang", "ldap", "ldapi", "ldaps", "lua", "mdb", "memcache"};

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// In front of the first colon, in lower case. A comma before that colon makes it one of a list's
/// items.
std::optional<std::string> prefix_of(std::string_view specification) {
  const std::size_t colon = specification.find(':');
  if (colon == std::string_view::npos || specification.find(',') < colon) {
    return std::nullopt;
  }
  return to_lower(specification.substr(0, colon));
}

bool is_unsupported(const std::string& prefix) {
  return std::ranges::find(unsupported, prefix) != unsupported.end();
}

Result<std::vector<DataEntry>> read_list(std::string_view text) {
  std::vector<DataEntry> entries;
  std::size_t position = 0;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    ++position;
    const std::size_t equals = item.find('=');
    const std::string_view key = trimmed(item.substr(0, equals));
    if (key.empty()) {
      continue;
    }
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view{} : trimmed(item.substr(equals + 1));
    entries.push_back({.key = std::string(key),
                       .value = std::string(value),
                       .place = "entry " + std::to_string(position)});
  }
  return entries;
}

Result<std::vector<DataEntry>> read_file(const std::string& path) {
  auto content = read_text_file(path, largest_file);
  if (!content) {
    return std::unexpected(std::move(content.error()));
  }
  std::string_view rest = *content;
  if (rest.starts_with(byte_order_mark)) {
    rest.remove_prefix(byte_order_mark.size());
  }
  std::vector<DataEntry> entries;
  std::size_t number = 0;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    ++number;
    if (line.find('\0') != std::string_view::npos) {
      return fail("cannot use " + quoted(path) + ": line " + std::to_string(number) +
                  " has a NUL byte, so this is no text file; a database has to be written out as "
                  "text");
    }
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) {
      continue;
    }
    if (entries.size() == most_entries) {
      return fail("cannot use " + quoted(path) + ": it has more than " +
                  std::to_string(most_entries) + " entries");
    }
    const std::string_view key = line.substr(0, line.find_first_of(blanks));
    entries.push_back({.key = std::string(key),
                       .value = std::string(trimmed(line.substr(key.size()))),
                       .place = quoted(path) + " line " + std::to_string(number)});
  }
  return entries;
}

}  // namespace

bool DataSet::is_specification(std::string_view item) {
  if (item.starts_with('/')) {
    return true;
  }
  const auto prefix = prefix_of(item);
  if (!prefix) {
    return item.find(',') != std::string_view::npos;
  }
  return *prefix == "csl" || *prefix == "file" || *prefix == "refile" || is_unsupported(*prefix);
}

Result<DataSet> DataSet::read(std::string_view specification) {
  const auto prefix = prefix_of(specification);
  const bool is_database = !prefix && specification.ends_with(".db");
  if (is_database || (prefix && is_unsupported(*prefix))) {
    return fail("cannot use " + quoted(specification) +
                ": only lists and text files can be read; write the data to a text file and name "
                "it with file: or refile:");
  }
  DataSet set;
  std::string_view source = specification;
  if (prefix) {
    source.remove_prefix(prefix->size() + 1);
    if (*prefix == "file") {
      set.kind = Kind::file;
    } else if (*prefix == "refile") {
      set.kind = Kind::patterns;
    } else if (*prefix != "csl") {
      return fail("cannot use " + quoted(specification) + ": " + quoted(*prefix) +
                  " is no type of data set; use csl:, file: or refile:");
    }
  } else if (source.starts_with('/')) {
    set.kind = Kind::file;
  }
  auto entries = set.kind == Kind::list ? read_list(source) : read_file(std::string(source));
  if (!entries) {
    return std::unexpected(std::move(entries.error()));
  }
  set.entries = std::move(*entries);
  return set;
}

}  // namespace milterd
