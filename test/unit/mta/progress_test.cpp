#include "milterd/mta/progress.hpp"

#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <future>
#include <memory>
#include <utility>

namespace milterd {
namespace {

using namespace std::chrono_literals;

TEST_CASE("progress: a turn is beaten again and again until it ends") {
  Progress progress(1ms);
  std::atomic<int> beats = 0;
  std::promise<void> third;
  {
    const Progress::Turn turn(progress, [&] {
      if (++beats == 3) {
        third.set_value();
      }
      return true;
    });
    REQUIRE(third.get_future().wait_for(30s) == std::future_status::ready);
  }
  const int at_the_end = beats;
  std::promise<void> other;
  const Progress::Turn later(progress, [&, told = false]() mutable {
    if (!std::exchange(told, true)) {
      other.set_value();
    }
    return true;
  });
  REQUIRE(other.get_future().wait_for(30s) == std::future_status::ready);
  CHECK(beats == at_the_end);
}

TEST_CASE("progress: a peer that is gone is not asked again, the others are") {
  Progress progress(1ms);
  std::atomic<int> gone = 0;
  std::atomic<int> alive = 0;
  std::promise<void> enough;
  const Progress::Turn first(progress, [&] {
    ++gone;
    return false;
  });
  const Progress::Turn second(progress, [&] {
    if (++alive == 5) {
      enough.set_value();
    }
    return true;
  });
  REQUIRE(enough.get_future().wait_for(30s) == std::future_status::ready);
  CHECK(gone == 1);
}

TEST_CASE("progress: a turn shorter than the interval is never beaten") {
  Progress progress(1h);
  std::atomic<int> beats = 0;
  for (int turns = 0; turns < 100; ++turns) {
    const Progress::Turn turn(progress, [&] {
      ++beats;
      return true;
    });
  }
  CHECK(beats == 0);
}

TEST_CASE("progress: the end of a turn waits for the beat that is under way") {
  Progress progress(1ms);
  std::promise<void> begun;
  std::promise<void> go_on;
  std::atomic<bool> ended = false;
  std::future<void> turn_end;
  {
    std::shared_future<void> gate = go_on.get_future().share();
    auto turn = std::make_unique<Progress::Turn>(progress, [&, gate, told = false]() mutable {
      if (!std::exchange(told, true)) {
        begun.set_value();
        gate.wait();
        ended = true;
      }
      return true;
    });
    begun.get_future().wait();
    turn_end = std::async(std::launch::async, [turn = std::move(turn)]() mutable { turn.reset(); });
  }
  CHECK(turn_end.wait_for(20ms) == std::future_status::timeout);
  go_on.set_value();
  turn_end.get();
  CHECK(ended);
}

TEST_CASE("progress: a beat that blocks holds up no other turn") {
  Progress progress(1ms);
  std::promise<void> begun;
  std::promise<void> go_on;
  const Progress::Turn blocked(progress,
                               [&, gate = go_on.get_future().share(), told = false]() mutable {
                                 if (!std::exchange(told, true)) {
                                   begun.set_value();
                                   gate.wait();
                                 }
                                 return true;
                               });
  begun.get_future().wait();
  auto other = std::async(std::launch::async,
                          [&] { const Progress::Turn turn(progress, [] { return true; }); });
  const auto status = other.wait_for(30s);
  go_on.set_value();
  CHECK(status == std::future_status::ready);
}

}  // namespace
}  // namespace milterd
