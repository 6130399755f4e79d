#include "milterd/mta/progress.hpp"

#include <utility>

namespace milterd {

Progress::Progress(std::chrono::milliseconds interval)
    : interval_(interval), thread_([this](const std::stop_token& stop) { run(stop); }) {}

Progress::~Progress() {
  thread_.request_stop();
  thread_.join();
}

Progress::Turn::Turn(Progress& progress, Beat beat) : progress_(progress) {
  const std::scoped_lock lock(progress_.mutex_);
  const bool first = progress_.entries_.empty();
  entry_ = progress_.entries_.insert(progress_.entries_.end(),
                                     {std::move(beat), Clock::now() + progress_.interval_});
  if (first) {
    progress_.wake_.notify_one();
  }
}

Progress::Turn::~Turn() {
  std::unique_lock lock(progress_.mutex_);
  progress_.beaten_.wait(lock, [this] { return progress_.beating_ != &*entry_; });
  progress_.entries_.erase(entry_);
}

void Progress::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (entries_.empty()) {
      wake_.wait(lock, stop, [this] { return !entries_.empty(); });
      continue;
    }
    // A new entry is always due last, so nothing but a stop can make this sleep too long.
    const auto due = entries_.front().due;
    if (Clock::now() < due) {
      wake_.wait_until(lock, stop, due, [] { return false; });
      continue;
    }
    const auto current = entries_.begin();
    if (current->beat) {
      // Not with the lock: it writes to a peer, and who knows whether that reads.
      beating_ = &*current;
      lock.unlock();
      const bool goes_on = current->beat();
      lock.lock();
      beating_ = nullptr;
      if (!goes_on) {
        current->beat = nullptr;
      }
      beaten_.notify_all();
    }
    current->due = Clock::now() + interval_;
    entries_.splice(entries_.end(), entries_, current);
  }
}

}  // namespace milterd
