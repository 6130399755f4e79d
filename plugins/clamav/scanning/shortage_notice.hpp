#pragma once
/// Says once, not for each message, that scans lack what they need for temporary files.

#include <chrono>
#include <mutex>
#include <string>

#include "milterd/log.hpp"
#include "plugins/clamav/scanning/temporary_directory.hpp"

namespace milterd::clamav {

/// From any thread.
class ShortageNotice {
 public:
  using Clock = std::chrono::steady_clock;

  /// After each scan: what it lacked for files in `directory`. A shortage is an error in the log
  /// when it begins or becomes another one, at most once a minute, should it come and go; its end
  /// is logged if its begin was.
  void note(Shortage shortage, const std::string& directory, Logger& log,
            Clock::time_point now = Clock::now());

 private:
  std::mutex mutex_;
  Shortage told_ = Shortage::none;
  Clock::time_point next_;  ///< Not before it is told of one again.
};

}  // namespace milterd::clamav
