#include "plugins/clamav/scanning/scan_queue.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <optional>
#include <sched.h>
#include <thread>
#include <vector>

#include "test/support/stage_table.hpp"

namespace milterd::clamav {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Refusal = ScanQueue::Refusal;

Clock::time_point in_a_minute() { return Clock::now() + 1min; }

bool soon(const auto& condition) {
  const auto deadline = Clock::now() + 30s;
  while (!condition()) {
    if (Clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

/// Some who wait, and the order in which they got their slots.
struct Crowd {
  explicit Crowd(ScanQueue& all) : queue(all) {}
  ~Crowd() {
    for (std::thread& thread : threads) {
      thread.join();
    }
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  void add(int number) {
    const std::size_t before = queue.waiting();
    threads.emplace_back([this, number] {
      const auto slot = queue.take(in_a_minute(), {});
      if (slot) {
        const std::lock_guard lock(mutex);
        order.push_back(number);
      }
    });
    REQUIRE(soon([&] { return queue.waiting() > before; }));
  }

  ScanQueue& queue;
  std::mutex mutex;
  std::vector<int> order;
  std::vector<std::thread> threads;
};

TEST_CASE("as many scan at once as there are slots") {
  ScanQueue queue;
  queue.set({.slots = 2, .waiting = 0});
  std::optional<ScanQueue::Slot> first(std::move(queue.take(in_a_minute(), {}).value()));
  const auto second = queue.take(in_a_minute(), {});
  CHECK(second.has_value());
  CHECK(queue.scanning() == 2);
  CHECK(queue.take(in_a_minute(), {}).error() == Refusal::full);
  first.reset();
  CHECK(queue.scanning() == 1);
  CHECK(queue.take(in_a_minute(), {}).has_value());
}

TEST_CASE("who comes first is served first") {
  ScanQueue queue;
  queue.set({.slots = 1, .waiting = 100});
  std::vector<int> order;
  {
    std::optional<ScanQueue::Slot> slot(std::move(queue.take(in_a_minute(), {}).value()));
    Crowd crowd(queue);
    for (int i = 0; i < 20; ++i) {
      crowd.add(i);
    }
    slot.reset();
    REQUIRE(soon([&] {
      const std::lock_guard lock(crowd.mutex);
      return crowd.order.size() == 20;
    }));
    order = crowd.order;
  }
  for (int i = 0; i < 20; ++i) {
    CHECK(order[static_cast<std::size_t>(i)] == i);
  }
  CHECK(queue.scanning() == 0);
}

TEST_CASE("a full queue refuses at once, and takes again when one has left it") {
  ScanQueue queue;
  queue.set({.slots = 1, .waiting = 2});
  std::optional<ScanQueue::Slot> slot(std::move(queue.take(in_a_minute(), {}).value()));
  Crowd crowd(queue);
  crowd.add(1);
  crowd.add(2);
  const auto begin = Clock::now();
  CHECK(queue.take(in_a_minute(), {}).error() == Refusal::full);
  CHECK(Clock::now() - begin < 10s);
  slot.reset();
  CHECK(soon([&] { return queue.waiting() == 0; }));
}

TEST_CASE("whose time is over leaves the queue, and so does one that is cancelled") {
  ScanQueue queue;
  queue.set({.slots = 1, .waiting = 5});
  const auto slot = queue.take(in_a_minute(), {});
  CHECK(queue.take(Clock::now() + 20ms, {}).error() == Refusal::no_time);
  std::stop_source stop;
  std::atomic<bool> cancelled = false;
  std::thread waiting([&] {
    const auto refused = queue.take(in_a_minute(), stop.get_token());
    cancelled = !refused && refused.error() == Refusal::cancelled;
  });
  REQUIRE(soon([&] { return queue.waiting() == 1; }));
  stop.request_stop();
  waiting.join();
  CHECK(cancelled);
  CHECK(queue.waiting() == 0);
}

TEST_CASE("more slots let in at once those who wait; fewer let those go on who scan") {
  ScanQueue queue;
  queue.set({.slots = 1, .waiting = 5});
  std::optional<ScanQueue::Slot> slot(std::move(queue.take(in_a_minute(), {}).value()));
  Crowd crowd(queue);
  crowd.add(1);
  crowd.add(2);
  queue.set({.slots = 3, .waiting = 5});
  CHECK(soon([&] {
    const std::lock_guard lock(crowd.mutex);
    return crowd.order.size() == 2;
  }));
  queue.set({.slots = 1, .waiting = 5});
  REQUIRE(soon([&] { return queue.scanning() == 1; }));
  CHECK(queue.take(Clock::now(), {}).error() == Refusal::no_time);
}

TEST_CASE("a free slot is not kept from who comes while another has yet to wake for its own") {
  ScanQueue queue;
  queue.set({.slots = 2, .waiting = 1});
  std::optional<ScanQueue::Slot> first(std::move(queue.take(in_a_minute(), {}).value()));
  std::optional<ScanQueue::Slot> second(std::move(queue.take(in_a_minute(), {}).value()));
  cpu_set_t all;
  REQUIRE(::sched_getaffinity(0, sizeof all, &all) == 0);
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(::sched_getcpu(), &here);
  REQUIRE(::sched_setaffinity(0, sizeof here, &here) == 0);
  std::atomic<bool> done = false;
  // On the same processor and of the lowest rank: it wakes only once this thread waits.
  std::thread late([&] {
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_IDLE, &none);
    const auto slot = queue.take(in_a_minute(), {});
    soon([&] { return done.load(); });
  });
  CHECK(soon([&] { return queue.waiting() == 1; }));
  first.reset();
  second.reset();
  CHECK(queue.take(Clock::now() + 200ms, {}).has_value());
  done = true;
  late.join();
  CHECK(::sched_setaffinity(0, sizeof all, &all) == 0);
}

TEST_CASE("under a storm no slot is lost, none is given twice") {
  ScanQueue queue;
  queue.set({.slots = 3, .waiting = 4});
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> served = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 300; ++j) {
        const auto slot = queue.take(Clock::now() + std::chrono::microseconds(100 * (i % 4)), {});
        if (slot) {
          const int now = ++inside;
          int seen = most;
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          ++served;
          --inside;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(most <= 3);
  CHECK(served > 0);
  CHECK(queue.scanning() == 0);
  CHECK(queue.waiting() == 0);
}

TEST_CASE("0 slots are as many as there are processors; the bounds are checked") {
  test::StageTable table("");
  const ScanQueue::Bounds bounds = read_scan_bounds(table.section());
  CHECK(bounds.slots >= 1);
  CHECK(bounds.slots <= std::max(1U, std::thread::hardware_concurrency()));
  CHECK(bounds.waiting == 100);
  test::StageTable wrong("scan_slots = -1\nscan_queue = 100001\n");
  read_scan_bounds(wrong.section());
  CHECK(wrong.errors().size() == 2);
}

}  // namespace
}  // namespace milterd::clamav
