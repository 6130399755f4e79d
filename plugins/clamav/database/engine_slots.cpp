#include "plugins/clamav/database/engine_slots.hpp"

namespace milterd::clamav {

EngineSlots::Slot::~Slot() {
  if (!count_) {
    return;
  }
  {
    const std::lock_guard lock(count_->mutex);
    --count_->taken;
  }
  count_->changed.notify_all();
}

std::optional<EngineSlots::Slot> EngineSlots::take(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(count_->mutex);
  if (!count_->changed.wait_until(lock, deadline, [this] { return count_->taken < most_; })) {
    return std::nullopt;
  }
  ++count_->taken;
  return std::optional<Slot>(std::in_place, count_);
}

bool EngineSlots::wait_for_none(std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock(count_->mutex);
  return count_->changed.wait_until(lock, deadline, [this] { return count_->taken == 0; });
}

std::size_t EngineSlots::taken() const {
  const std::lock_guard lock(count_->mutex);
  return count_->taken;
}

}  // namespace milterd::clamav
