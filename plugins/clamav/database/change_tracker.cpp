#include "plugins/clamav/database/change_tracker.hpp"

#include <algorithm>

namespace milterd::clamav {

bool ChangeTracker::look(const DatabaseFiles& now_there, const DatabaseFiles& settled,
                         Clock::time_point now) {
  if (now_there == settled) {
    pending_.reset();
    return false;
  }
  if (!pending_) {
    pending_ = Pending{now_there, now, now};
  } else if (pending_->files != now_there) {
    pending_->files = now_there;
    pending_->latest = now;
  }
  return now >= *next_look();
}

std::optional<ChangeTracker::Clock::time_point> ChangeTracker::next_look() const {
  if (!pending_) {
    return std::nullopt;
  }
  return std::min(pending_->latest + times_.quiet, pending_->since + times_.longest);
}

}  // namespace milterd::clamav
