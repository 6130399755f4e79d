#pragma once
/// Looks after a database directory while the daemon runs.

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "milterd/log.hpp"
#include "plugins/clamav/database/change_tracker.hpp"
#include "plugins/clamav/database/database.hpp"
#include "plugins/clamav/database/directory_watch.hpp"

namespace milterd::clamav {

/// One thread: it is notified of changes, looks by itself now and then, and has the database loaded
/// where the files are others than those in force. What does not load is said at once and tried
/// again, and said again, every hour, or as soon as the files change. Warns of an old database.
class DatabaseUpdater {
 public:
  /// `database` and `log` must outlive it.
  DatabaseUpdater(Database& database, Logger& log, ChangeTracker::Times times);
  ~DatabaseUpdater();  ///< Cuts a load short and waits for its end.
  DatabaseUpdater(const DatabaseUpdater&) = delete;
  DatabaseUpdater& operator=(const DatabaseUpdater&) = delete;

  /// The settings have changed.
  void look_now() { watch_.wake(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Failure {
    DatabaseFiles files;
    Clock::time_point retry;
  };
  struct Told {
    std::string text;
    Clock::time_point time;
  };

  void run(const std::stop_token& stop);
  void look(const Database::InForce& in_force, const UpdateSettings& settings,
            const std::stop_token& stop);
  void load(const DatabaseFiles& files, const Database::InForce& in_force,
            const UpdateSettings& settings, const std::stop_token& stop);
  void tell_unwatched(bool watched, const std::string& directory);
  void tell_age(const Database::InForce& in_force, const UpdateSettings& settings);
  /// Not more often than once an hour for the same text.
  void tell(std::optional<Told>& told, LogLevel level, std::string_view event, std::string text,
            std::string_view effect = "");
  /// When to look at the directory, if nothing is notified before.
  Clock::time_point next_look(const UpdateSettings& settings) const;

  Database& database_;
  Logger& log_;
  DirectoryWatch watch_;
  ChangeTracker tracker_;
  std::optional<Failure> failure_;
  Clock::time_point last_look_{};
  std::optional<Told> told_failure_;
  std::optional<Told> told_watch_;
  std::optional<Told> told_age_;
  std::optional<Told> told_window_;
  std::jthread thread_;
};

}  // namespace milterd::clamav
