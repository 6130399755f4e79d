#pragma once
/// Decides when a changed database directory is worth loading.

#include <chrono>
#include <optional>

#include "plugins/clamav/database/database_directory.hpp"

namespace milterd::clamav {

struct ChangeTimes {
  std::chrono::milliseconds quiet{std::chrono::seconds(2)};
  std::chrono::milliseconds longest{std::chrono::minutes(5)};
};

/// Whoever writes a database may take a while: it is loaded once nothing has changed for some time,
/// or once it has gone on changing for too long. Not thread-safe.
class ChangeTracker {
 public:
  using Clock = std::chrono::steady_clock;
  using Times = ChangeTimes;

  explicit ChangeTracker(Times times) : times_(times) {}

  /// Looks at the directory's state. True: load it now.
  bool look(const DatabaseFiles& now_there, const DatabaseFiles& settled, Clock::time_point now);
  /// When to look again, where a change is under way.
  std::optional<Clock::time_point> next_look() const;
  void forget() { pending_.reset(); }

 private:
  struct Pending {
    DatabaseFiles files;
    Clock::time_point since;   ///< The first change.
    Clock::time_point latest;  ///< The last one.
  };

  Times times_;
  std::optional<Pending> pending_;
};

}  // namespace milterd::clamav
