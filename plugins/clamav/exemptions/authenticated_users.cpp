#include "plugins/clamav/exemptions/authenticated_users.hpp"

#include <algorithm>
#include <cstddef>

#include "milterd/ascii.hpp"
#include "plugins/common/text_file.hpp"

namespace milterd::clamav {
namespace {

constexpr std::size_t largest_file = 4 * 1024 * 1024;

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view name = without_blanks(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!name.empty() && name.front() != '#') {
      names.push_back(to_lower(name));
    }
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

AuthenticatedUsers AuthenticatedUsers::read(Section& section, std::string_view key) {
  constexpr std::string_view file_prefix = "file:";
  AuthenticatedUsers users;
  const std::string setting = section.string(key, "");
  if (setting.starts_with(file_prefix)) {
    const Result<std::string> text =
        read_text_file(setting.substr(file_prefix.size()), largest_file);
    if (text) {
      users.names_ = names_in(*text);
    } else {
      section.error(key, text.error().message);
    }
  } else if (!setting.empty()) {
    auto regex = PosixRegex::compile(setting, PosixRegex::Syntax::extended);
    if (regex) {
      users.regex_ = std::move(*regex);
    } else {
      section.error(
          key, "'" + setting + "' is no extended regular expression: " + regex.error().message);
    }
  }
  return users;
}

bool AuthenticatedUsers::contains(std::string_view login) const {
  if (login.empty()) {
    return false;
  }
  return regex_ ? regex_->finds(login) : std::ranges::binary_search(names_, to_lower(login));
}

}  // namespace milterd::clamav
