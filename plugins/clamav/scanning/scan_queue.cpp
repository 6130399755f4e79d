#include "plugins/clamav/scanning/scan_queue.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace milterd::clamav {
namespace {

std::size_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

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
  const auto self = waiters_.emplace(waiters_.end());
  self->wake.wait_until(lock, cancelled, deadline, [&] { return self->granted; });
  const bool granted = self->granted;
  waiters_.erase(self);
  if (granted) {
    return Slot(*this);
  }
  return std::unexpected(cancelled.stop_requested() ? Refusal::cancelled : Refusal::no_time);
}

void ScanQueue::release() {
  const std::lock_guard lock(mutex_);
  --scanning_;
  hand_over();
}

void ScanQueue::hand_over() {
  // Who was granted a slot takes itself off the list when it wakes.
  for (Waiter& waiter : waiters_) {
    if (scanning_ >= bounds_.slots) {
      return;
    }
    if (!waiter.granted) {
      waiter.granted = true;
      ++scanning_;
      waiter.wake.notify_one();
    }
  }
}

std::size_t ScanQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(waiters_, [](const Waiter& waiter) { return !waiter.granted; }));
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
