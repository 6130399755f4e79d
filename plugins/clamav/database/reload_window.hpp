#pragma once
/// The hours of a day in which changed databases are taken in.

#include <chrono>
#include <string_view>

#include "milterd/result.hpp"

namespace milterd::clamav {

class ReloadWindow {
 public:
  /// "02:00-05:00"; "22:00-04:00" goes over midnight. Error: what is wrong with it.
  static Result<ReloadWindow> parse(std::string_view text);

  /// `time_of_day` is what the clock on the wall shows, since midnight. The end is not in it.
  bool contains(std::chrono::minutes time_of_day) const;

 private:
  ReloadWindow(std::chrono::minutes begin, std::chrono::minutes end) : begin_(begin), end_(end) {}

  std::chrono::minutes begin_;
  std::chrono::minutes end_;
};

/// Now, in local time.
std::chrono::minutes local_time_of_day();

}  // namespace milterd::clamav
