#include "plugins/clamav/scanning/shortage_notice.hpp"

#include <string>

namespace milterd::clamav {
namespace {

constexpr std::chrono::minutes shortest_time_between{1};

std::string description(Shortage shortage, const std::string& directory) {
  switch (shortage) {
    case Shortage::none: return "scans have what they need for files in '" + directory + "' again";
    case Shortage::space:
      return "the file system of '" + directory +
             "' is nearly full: make room there, or set temporary_directory to another place";
    case Shortage::files:
      return "the file system of '" + directory +
             "' has no room for more files, however small: remove some there, or set "
             "temporary_directory to another place";
    case Shortage::descriptors: break;
  }
  return "milterd may not open more files: raise its limit (LimitNOFILE of its systemd unit, or "
         "ulimit -n), or let fewer messages in at once";
}

}  // namespace

void ShortageNotice::note(Shortage shortage, const std::string& directory, Logger& log,
                          Clock::time_point now) {
  {
    const std::lock_guard lock(mutex_);
    if (shortage == told_ || (shortage != Shortage::none && now < next_)) {
      return;
    }
    told_ = shortage;
    if (shortage != Shortage::none) {
      next_ = now + shortest_time_between;
    }
  }
  if (shortage == Shortage::none) {
    log.info("clamav.room_again", {{"text", description(shortage, directory)}});
  } else {
    log.error("clamav.no_room", {{"text", description(shortage, directory)},
                                 {"effect", "messages stay unscanned and get on_fail until then"}});
  }
}

}  // namespace milterd::clamav
