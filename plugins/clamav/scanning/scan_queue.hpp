#pragma once
/// How many messages are scanned at once, and how many wait for it.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>

#include "milterd/section.hpp"

namespace milterd::clamav {

/// A scan takes a processor: more of them at once only make each one slower. Who comes first is
/// scanned first. Shared by all stages that follow each other under one name. Thread-safe.
class ScanQueue {
 public:
  struct Bounds {
    std::size_t slots = 1;      ///< Scans at once.
    std::size_t waiting = 100;  ///< Messages beside them.
  };
  enum class Refusal : std::uint8_t { full, no_time, cancelled };

  /// The right to scan one message.
  class Slot {
   public:
    explicit Slot(ScanQueue& queue) : queue_(&queue) {}
    ~Slot();
    Slot(Slot&& other) noexcept;
    Slot& operator=(Slot&&) = delete;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    ScanQueue* queue_;
  };

  /// From now on; who scans or waits already goes on.
  void set(Bounds bounds);
  /// Waits for a slot in turn. At once where the queue is full.
  std::expected<Slot, Refusal> take(std::chrono::steady_clock::time_point deadline,
                                    const std::stop_token& cancelled);
  std::size_t waiting() const;
  std::size_t scanning() const;

 private:
  struct Waiter {
    std::condition_variable_any wake;
    bool granted = false;
  };
  void release();
  void hand_over();  ///< With the lock held.

  mutable std::mutex mutex_;
  Bounds bounds_;
  std::size_t scanning_ = 0;
  std::list<Waiter*> waiters_;  ///< Who has no slot yet.
};

/// scan_slots (0: as many as there are processors) and scan_queue. Faults go to
/// the section.
ScanQueue::Bounds read_scan_bounds(Section& section);

}  // namespace milterd::clamav
