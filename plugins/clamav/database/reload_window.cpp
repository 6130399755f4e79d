#include "plugins/clamav/database/reload_window.hpp"

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <optional>
#include <string>

#include "milterd/ascii.hpp"

namespace milterd::clamav {
namespace {

/// "HH:MM"
std::optional<std::chrono::minutes> parse_time(std::string_view text) {
  constexpr std::size_t size = 5;
  constexpr std::size_t colon = 2;
  if (text.size() != size || text[colon] != ':') {
    return std::nullopt;
  }
  const auto number = [&](std::size_t at) -> int {
    return is_digit(text[at]) && is_digit(text[at + 1])
               ? (text[at] - '0') * 10 + (text[at + 1] - '0')
               : -1;
  };
  const int hours = number(0);
  const int minutes = number(colon + 1);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
    return std::nullopt;
  }
  return std::chrono::hours(hours) + std::chrono::minutes(minutes);
}

}  // namespace

Result<ReloadWindow> ReloadWindow::parse(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto begin = parse_time(text.substr(0, dash));
  const auto end = parse_time(dash == std::string_view::npos ? "" : text.substr(dash + 1));
  if (!begin || !end || *begin == *end) {
    return fail("'reload_window' must be two times of day such as \"02:00-05:00\", got \"" +
                std::string(text) + "\"");
  }
  return ReloadWindow(*begin, *end);
}

bool ReloadWindow::contains(std::chrono::minutes time_of_day) const {
  return begin_ < end_ ? time_of_day >= begin_ && time_of_day < end_
                       : time_of_day >= begin_ || time_of_day < end_;
}

std::chrono::minutes local_time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  return std::chrono::hours(local.tm_hour) + std::chrono::minutes(local.tm_min);
}

}  // namespace milterd::clamav
