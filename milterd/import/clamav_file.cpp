#include "milterd/import/clamav_file.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "milterd/ascii.hpp"
#include "milterd/import/clamav_value.hpp"
#include "milterd/result.hpp"
#include "milterd/util/nearest_word.hpp"

namespace milterd {
namespace {

constexpr std::size_t most_settings = 10'000;
constexpr std::size_t longest_line = 510;  // It reads 511 bytes at a time, the line's end included.
constexpr std::string_view blanks = " \t";

std::string unknown_name(ClamavProgram program, std::string_view name) {
  std::vector<std::string_view> names;
  std::ranges::transform(clamav_options(program), std::back_inserter(names), &ClamavOption::name);
  const auto nearest = nearest_word(name, names);
  return std::string(name_of(program)) + " has no such option" +
         (nearest ? "; did you mean " + std::string(*nearest) + "?" : std::string());
}

/// Takes the quotes away. Error: the closing one is missing, or nothing is between them.
Result<std::string> without_quotes(std::string_view value) {
  if (!value.starts_with('"')) {
    return std::string(value);
  }
  value.remove_prefix(1);
  const std::size_t end = value.rfind('"');
  if (end == std::string_view::npos) {
    return fail("the closing quote is missing");
  }
  if (end == 0) {
    return fail("the value is empty");
  }
  return std::string(value.substr(0, end));
}

std::string value_fault(const ClamavOption& option, std::string_view value) {
  if (value.ends_with('\r')) {
    return "the line ends with a carriage return, which is read as a part of the value; save the "
           "file with line feeds only";
  }
  switch (option.type) {
    case ClamavOption::Type::boolean:
      return clamav_boolean(value) ? "" : "the value must be yes, true, 1, no, false or 0";
    case ClamavOption::Type::number:
      return clamav_number(value) ? "" : "the value must be a whole number";
    case ClamavOption::Type::size:
      return clamav_size(value) ? "" : "the value must be a whole number, with K, M or G behind it";
    case ClamavOption::Type::word:
      return clamav_word(value, option.words)
                 ? ""
                 : "the value must be one of " + clamav_words(option.words);
    case ClamavOption::Type::text:
    case ClamavOption::Type::obsolete: return "";
  }
  return "";
}

ClamavSetting read_line(std::string_view line, ClamavProgram program) {
  ClamavSetting setting;
  setting.program = program;
  const std::size_t blank = line.find_first_of(blanks);
  setting.name = line.substr(0, blank);
  if (line.starts_with("Example")) {
    setting.fault =
        std::string(name_of(program)) + " does not start with this line in its file; remove it";
    return setting;
  }
  setting.option = find_clamav_option(program, setting.name);
  std::string_view value = blank == std::string_view::npos ? "" : line.substr(blank);
  value.remove_prefix(std::min(value.find_first_not_of(blanks), value.size()));
  value = value.substr(0, value.find_last_not_of(blanks) + 1);
  setting.value = value;
  if (value.empty()) {
    setting.fault = "the value is missing";
  } else if (line.size() > longest_line) {
    setting.fault = "the line is longer than " + std::to_string(longest_line) +
                    " characters; the rest would be read as another line";
  } else if (auto plain = without_quotes(value); !plain) {
    setting.fault = plain.error().message;
  } else {
    setting.value = *std::move(plain);
    setting.fault = setting.option == nullptr ? unknown_name(program, setting.name)
                                              : value_fault(*setting.option, setting.value);
  }
  return setting;
}

}  // namespace

std::vector<ClamavSetting> parse_clamav_text(std::string_view text, const std::string& path,
                                             ClamavProgram program) {
  std::vector<ClamavSetting> settings;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    // It skips what has one character only, so a line feed after a carriage return as well.
    if (line.size() <= 1 || line.starts_with('#')) {
      continue;
    }
    settings.push_back(read_line(line, program));
    settings.back().place = path + ":" + std::to_string(number);
    if (settings.size() == most_settings) {
      settings.back().fault = "these are too many options; nothing behind this one is read";
      break;
    }
  }
  return settings;
}

}  // namespace milterd
