#pragma once
/// Counts the engines that take memory, and makes a new one wait for its place.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

namespace milterd::clamav {

/// Thread-safe. Slots may outlive it.
class EngineSlots {
  struct Count {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t taken = 0;
  };

 public:
  /// The right to have one engine in memory, from the begin of its loading until it is freed.
  class Slot {
   public:
    explicit Slot(std::shared_ptr<Count> count) : count_(std::move(count)) {}
    ~Slot();
    Slot(Slot&&) noexcept = default;
    Slot& operator=(Slot&&) = delete;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    std::shared_ptr<Count> count_;
  };

  explicit EngineSlots(std::size_t most) : most_(most), count_(std::make_shared<Count>()) {}

  /// Blocks until a slot is free; empty at the deadline.
  std::optional<Slot> take(std::chrono::steady_clock::time_point deadline);
  /// Blocks until no slot is taken; false at the deadline.
  bool wait_for_none(std::chrono::steady_clock::time_point deadline) const;
  std::size_t taken() const;

 private:
  std::size_t most_;
  std::shared_ptr<Count> count_;
};

}  // namespace milterd::clamav
