#include "plugins/clamav/scanning/scan_queue.hpp"

#include <algorithm>
#include <sched.h>
#include <thread>
#include <utility>

namespace milterd::clamav {
namespace {

/// Those that this process may use, which std::thread::hardware_concurrency() does not ask.
std::size_t processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&allowed)));
  }
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

ScanQueue::Slot::~Slot() {
  if (queue_ != nullptr) {
    queue_->release();
  }
}

ScanQueue::Slot::Slot(Slot&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)) {}

void ScanQueue::set(Bounds bounds) {
  const std::lock_guard lock(mutex_);
  bounds_ = bounds;
  hand_over();
}

std::expected<ScanQueue::Slot, ScanQueue::Refusal> ScanQueue::take(
    std::chrono::steady_clock::time_point deadline, const std::stop_token& cancelled) {
  std::unique_lock lock(mutex_);
  if (scanning_ < bounds_.slots && waiters_.empty()) {
    ++scanning_;
    return Slot(*this);
  }
  if (waiters_.size() >= bounds_.waiting) {
    return std::unexpected(Refusal::full);
  }
  Waiter self;
  const auto place = waiters_.insert(waiters_.end(), &self);
  self.wake.wait_until(lock, cancelled, deadline, [&] { return self.granted; });
  if (self.granted) {
    return Slot(*this);
  }
  waiters_.erase(place);
  return std::unexpected(cancelled.stop_requested() ? Refusal::cancelled : Refusal::no_time);
}

void ScanQueue::release() {
  const std::lock_guard lock(mutex_);
  --scanning_;
  hand_over();
}

void ScanQueue::hand_over() {
  // Off the list at once, not when it wakes: who comes meanwhile must not wait behind it while
  // another slot is free.
  while (!waiters_.empty() && scanning_ < bounds_.slots) {
    Waiter& next = *waiters_.front();
    waiters_.pop_front();
    next.granted = true;
    ++scanning_;
    next.wake.notify_one();
  }
}

std::size_t ScanQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiters_.size();
}

std::size_t ScanQueue::scanning() const {
  const std::lock_guard lock(mutex_);
  return scanning_;
}

ScanQueue::Bounds read_scan_bounds(Section& section) {
  constexpr std::int64_t most_slots = 1000;
  constexpr std::int64_t most_waiting = 100'000;
  const auto slots = static_cast<std::size_t>(section.integer("scan_slots", 0, 0, most_slots));
  const auto waiting =
      static_cast<std::size_t>(section.integer("scan_queue", 100, 0, most_waiting));
  return {slots != 0 ? slots : processors(), waiting};
}

}  // namespace milterd::clamav
