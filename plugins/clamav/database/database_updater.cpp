#include "plugins/clamav/database/database_updater.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "plugins/clamav/background_thread.hpp"

namespace milterd::clamav {
namespace {

constexpr std::chrono::hours repeat_after{1};
/// Of a database without which no message is scanned.
constexpr std::chrono::minutes retry_without_engine{1};
/// The database grows old meanwhile, and a window may have opened.
constexpr std::chrono::milliseconds longest_wait = std::chrono::minutes(1);
constexpr std::chrono::milliseconds shortest_wait{20};

std::string days_text(std::chrono::system_clock::duration age) {
  return std::to_string(std::chrono::floor<std::chrono::days>(age).count()) + " days";
}

}  // namespace

DatabaseUpdater::DatabaseUpdater(Database& database, Logger& log, ChangeTracker::Times times)
    : database_(database), log_(log), tracker_(times) {
  thread_ = start_background_thread([this](const std::stop_token& stop) { run(stop); });
}

DatabaseUpdater::~DatabaseUpdater() {
  thread_.request_stop();
  watch_.wake();
  thread_.join();
}

void DatabaseUpdater::run(const std::stop_token& stop) {
  // A load takes a processor for seconds.
  give_way_to_mail();
  bool notified = true;  // Of what has not been looked at.
  while (!stop.stop_requested()) {
    const UpdateSettings settings = database_.update_settings();
    const Database::InForce in_force = database_.in_force();
    const std::string& directory = in_force.source.directory;
    if (!directory.empty() && !database_.loading()) {
      const bool watched = watch_.follow(directory);
      if (notified || Clock::now() >= next_look(settings)) {
        notified = false;
        last_look_ = Clock::now();
        look(in_force, settings, stop);
        tell_unwatched(watched, directory);
      }
      tell_age(database_.in_force(), settings);
    }
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(next_look(settings) - Clock::now());
    if (watch_.wait(std::clamp<std::chrono::milliseconds>(left, shortest_wait, longest_wait))) {
      notified = true;
    }
  }
}

DatabaseUpdater::Clock::time_point DatabaseUpdater::next_look(
    const UpdateSettings& settings) const {
  if (told_window_) {
    return last_look_ + longest_wait;
  }
  if (const auto next = tracker_.next_look()) {
    return *next;
  }
  auto next = failure_ ? failure_->retry : Clock::time_point::max();
  if (settings.self_check.count() != 0) {
    next = std::min(next, last_look_ + settings.self_check);
  }
  return next;
}

void DatabaseUpdater::tell_unwatched(bool watched, const std::string& directory) {
  if (!watched && ::access(directory.c_str(), F_OK) == 0) {
    tell(told_watch_, LogLevel::warn, "clamav.database_unwatched",
         "the system does not tell of changes in '" + directory +
             "': they are found by self_check alone; see fs.inotify.max_user_watches");
  }
}

void DatabaseUpdater::look(const Database::InForce& in_force, const UpdateSettings& settings,
                           const std::stop_token& stop) {
  const Result<DatabaseFiles> files = list_database_files(in_force.source.directory);
  if (!files || files->files.empty()) {
    tracker_.forget();
    if (!files) {
      tell(told_failure_, LogLevel::error, "clamav.database_failed", files.error().message);
    } else if (in_force.has_engine) {
      tell(told_failure_, LogLevel::error, "clamav.database_failed",
           "the signature database in '" + in_force.source.directory +
               "' is gone: put it back; what was loaded of it goes on");
    }
    return;
  }
  const auto now = Clock::now();
  if (failure_ && failure_->files == *files && now < failure_->retry) {
    tracker_.forget();
    return;
  }
  // Without its directory for temporary files an engine is of no use.
  const bool usable = in_force.has_engine && in_force.temporary_exists;
  if (!tracker_.look(*files, usable ? in_force.files : DatabaseFiles{}, now)) {
    told_window_.reset();
    return;
  }
  if (usable && settings.window && !settings.window->contains(local_time_of_day())) {
    tell(told_window_, LogLevel::info, "clamav.database_waits",
         "the signature database in '" + in_force.source.directory +
             "' has changed and is loaded in the next reload_window");
    return;
  }
  told_window_.reset();
  load(*files, in_force, settings, stop);
}

void DatabaseUpdater::load(const DatabaseFiles& files, const Database::InForce& in_force,
                           const UpdateSettings& settings, const std::stop_token& stop) {
  tracker_.forget();
  const Result<> updated = database_.update(files, stop);
  if (updated) {
    failure_.reset();
    told_failure_.reset();
    told_age_.reset();
    return;
  }
  if (stop.stop_requested()) {
    return;
  }
  const bool has_engine = database_.in_force().has_engine;
  const Clock::duration wait =
      has_engine ? Clock::duration(repeat_after)
                 : std::max<Clock::duration>(retry_without_engine, settings.self_check);
  failure_ = Failure{files, Clock::now() + wait};
  const std::string_view effect =
      has_engine ? "the old signatures stay in force"
      : in_force.has_engine
          ? "the previous engine had to go first: messages stay unscanned and get on_fail"
          : "messages stay unscanned and get on_fail";
  tell(told_failure_, LogLevel::error, "clamav.database_failed", updated.error().message, effect);
}

void DatabaseUpdater::tell_age(const Database::InForce& in_force, const UpdateSettings& settings) {
  if (!in_force.has_engine) {
    return;
  }
  const auto age = std::chrono::system_clock::now() - in_force.facts.built;
  const auto is_over = [&](std::chrono::seconds limit) {
    return limit.count() != 0 && age > limit;
  };
  if (is_over(settings.fail_if_older_than)) {
    tell(told_age_, LogLevel::error, "clamav.database_old",
         "the signature database is " + days_text(age) +
             " old, more than fail_if_older_than: messages stay unscanned and get on_fail; see "
             "whether freshclam runs");
  } else if (is_over(settings.warn_if_older_than)) {
    tell(told_age_, LogLevel::warn, "clamav.database_old",
         "the signature database is " + days_text(age) +
             " old, more than warn_if_older_than: see whether freshclam runs");
  }
}

void DatabaseUpdater::tell(std::optional<Told>& told, LogLevel level, std::string_view event,
                           std::string text, std::string_view effect) {
  const auto now = Clock::now();
  if (told && told->text == text && now - told->time < repeat_after) {
    return;
  }
  const std::array<LogField, 2> fields = {{{"text", text}, {"effect", effect}}};
  log_.write(level, event, std::span(fields).first(effect.empty() ? 1 : 2));
  told = Told{std::move(text), now};
}

}  // namespace milterd::clamav
