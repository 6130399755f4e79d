#include "milterd/import/clamav_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>
#include <utility>

#include "milterd/ascii.hpp"
#include "milterd/import/split_list.hpp"

namespace milterd {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

bool are_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char byte) { return is_digit(byte); });
}

/// As strtoul(3) and atoi(3) do: what follows the last digit of that base is left.
std::pair<std::int64_t, std::string_view> leading_number(std::string_view text, int base) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number, base);
  return {parsed.ec == std::errc::result_out_of_range ? largest : number,
          {parsed.ptr, static_cast<std::size_t>(end - parsed.ptr)}};
}

std::int64_t times(std::int64_t number, std::int64_t factor) {
  return number > largest / factor ? largest : number * factor;
}

}  // namespace

std::optional<bool> clamav_boolean(std::string_view value) {
  const std::string word = to_lower(value);
  if (word == "yes" || word == "true" || word == "1") {
    return true;
  }
  return word == "no" || word == "false" || word == "0" ? std::optional(false) : std::nullopt;
}

std::optional<std::int64_t> clamav_number(std::string_view value) {
  return are_digits(value) ? std::optional(leading_number(value, 10).first) : std::nullopt;
}

std::optional<std::int64_t> clamav_size(std::string_view value) {
  constexpr std::string_view units = "kmg";
  const std::string unit = value.empty() ? "" : to_lower(value.substr(value.size() - 1));
  const std::size_t power = unit.empty() ? std::string_view::npos : units.find(unit);
  const bool has_unit = power != std::string_view::npos;
  const std::string_view digits = has_unit ? value.substr(0, value.size() - 1) : value;
  if (!are_digits(digits)) {
    return std::nullopt;
  }
  const bool octal = digits.size() > 1 && digits.starts_with('0');
  const auto [number, rest] = leading_number(digits, octal ? 8 : 10);
  if (!rest.empty()) {
    return std::nullopt;  // 08: it cannot be read, there either.
  }
  return has_unit ? times(number, std::int64_t{1024} << (10 * power)) : number;
}

std::optional<std::string> clamav_word(std::string_view value, std::string_view words) {
  for (const std::string& pair : split_list(words, ' ')) {
    const std::size_t equals = pair.find('=');
    if (equal_ignoring_case(value, std::string_view(pair).substr(0, equals))) {
      return pair.substr(equals + 1);
    }
  }
  return std::nullopt;
}

std::string clamav_words(std::string_view words) {
  std::string text;
  for (const std::string& pair : split_list(words, ' ')) {
    text += (text.empty() ? "" : ", ") + pair.substr(0, pair.find('='));
  }
  return text;
}

std::string bytes_in_words(std::int64_t bytes) {
  constexpr std::array units = {"B", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes) + units.at(unit);
}

Result<std::string> socket_mode_in_words(std::string_view value) {
  const auto [mode, rest] = leading_number(value, 8);
  if (!are_digits(value) || !rest.empty() || mode > 0777) {
    return fail("a mode is three octal digits, such as 660");
  }
  std::string digits(value);
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  return std::string(4 - digits.size(), '0') + digits;
}

Result<std::string> reject_message_in_words(std::string_view value) {
  constexpr std::size_t most_bytes = 400;
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool is_virus = value.substr(i, 2) == "%v";
    text += value[i] == '%' && !is_virus ? "%%" : std::string(1, value[i]);
  }
  if (text.size() > most_bytes ||
      !std::ranges::all_of(text, [](char byte) { return byte >= ' ' && byte <= '~'; })) {
    return fail("an SMTP reply carries up to 400 characters of printable ASCII; shorten it");
  }
  return text;
}

Result<std::vector<std::string>> virus_event_command(std::string_view value) {
  constexpr std::string_view of_the_shell = "\\\"'`$&|;<>()*?[]{}~#!=\n";
  std::vector<std::string> command = split_list(value, ' ');
  if (command.size() > 1 && command.back() == "%v") {
    command.pop_back();  // virus_action gives it as the first argument of its own.
  }
  const bool plain =
      !command.empty() && std::ranges::none_of(command, [&](const std::string& word) {
        return word.contains('%') || word.find_first_of(of_the_shell) != std::string::npos;
      });
  if (!plain) {
    return fail(
        "milterd runs no shell and fills in no %v; write a script and set virus_action to its "
        "path: the virus's name is its first argument, queue id, sender, recipient, subject, "
        "message id and date follow");
  }
  return command;
}

}  // namespace milterd
