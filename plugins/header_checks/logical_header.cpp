#include "plugins/header_checks/logical_header.hpp"

#include <algorithm>

#include "milterd/ascii.hpp"

namespace milterd::header_checks {
namespace {

constexpr std::string_view line_end = "\r\n";

/// Postfix handles records as C strings.
std::string_view up_to_nul(std::string_view record) { return record.substr(0, record.find('\0')); }

bool is_name_character(char c) { return c > ' ' && c <= '~' && c != ':'; }

}  // namespace

std::size_t record_limit(std::string_view rest, bool at_start, std::size_t line_length_limit) {
  return line_length_limit - (at_start && rest.starts_with('.') ? 1 : 0);
}

std::size_t field_name_size(std::string_view line) {
  const auto name_end = std::ranges::find_if_not(line, is_name_character);
  const auto colon = std::find_if_not(name_end, line.end(), is_space);
  return colon != line.end() && *colon == ':' ? static_cast<std::size_t>(name_end - line.begin())
                                              : 0;
}

bool LogicalHeader::begin(std::string_view record) {
  const std::size_t name_size = field_name_size(record);
  if (name_size == 0) {
    return false;
  }
  text_ = record.substr(0, name_size);
  record = up_to_nul(record);
  text_ += record.substr(record.find(':', name_size));
  return true;
}

void LogicalHeader::fold(std::string_view record) {
  if (text_.size() < size_limit_) {
    text_.append("\n").append(up_to_nul(record));
  }
}

void LogicalHeader::continue_line(std::string_view record) {
  if (text_.size() < size_limit_) {
    text_ += up_to_nul(record);
  }
}

std::string_view table_key(const HeaderField& field, const LineLimits& limits,
                           std::string& scratch) {
  const std::string_view text = field.text();
  if (text.size() < std::min(limits.line_length_limit, limits.header_size_limit) &&
      !is_space(field.name().empty() ? ' ' : field.name().back()) &&
      text.find_first_of(std::string_view("\r\0", 2)) == std::string_view::npos) {
    return text;
  }
  LogicalHeader header(limits.header_size_limit);
  std::string_view rest = text;
  bool is_first_line = true;
  while (true) {
    std::string_view line = rest.substr(0, rest.find(line_end));
    const bool is_last_line = line.size() == rest.size();
    rest.remove_prefix(is_last_line ? rest.size() : line.size() + line_end.size());
    std::string_view record = line.substr(0, record_limit(line, true, limits.line_length_limit));
    if (!is_first_line) {
      header.fold(record);
    } else if (!header.begin(record)) {
      // No MTA lets such a field through; what it is called does not matter to a pattern.
      scratch = up_to_nul(text.substr(0, limits.header_size_limit));
      return scratch;
    }
    for (line.remove_prefix(record.size()); !line.empty(); line.remove_prefix(record.size())) {
      record = line.substr(0, limits.line_length_limit);
      header.continue_line(record);
    }
    if (is_last_line) {
      break;
    }
    is_first_line = false;
  }
  scratch = header.text();
  return scratch;
}

std::string table_key(std::string_view name, std::string_view value) {
  std::string key;
  key.reserve(name.size() + value.size() + 2);
  key.append(name).push_back(':');
  if (value.empty() || !is_space(value.front())) {
    key.push_back(' ');
  }
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (value.substr(at, line_end.size()) != line_end) {
      key.push_back(value[at]);
    }
  }
  return key;
}

}  // namespace milterd::header_checks
