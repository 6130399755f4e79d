#pragma once
/// Tells the MTA at the end of a message that we are still at it, so that its timeout starts anew.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace milterd {

/// One thread serves all sessions. Thread-safe.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  /// Sends the sign of life; false when the peer is gone, and then it is not asked again.
  using Beat = std::function<bool()>;

  explicit Progress(std::chrono::milliseconds interval);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// As long as it lives, `beat` is called once an interval, from another thread; the first time
  /// after one interval. Its destructor waits for its own call that is under way, so what comes
  /// after it never mixes with a beat. A beat that blocks, because its peer does not read, holds up
  /// the beats of the others, but never the beginning or the end of their turns.
  class Turn {
   public:
    Turn(Progress& progress, Beat beat);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    Turn(Turn&&) = delete;
    Turn& operator=(Turn&&) = delete;

   private:
    friend class Progress;
    struct Entry {
      Beat beat;
      Clock::time_point due;
    };
    Progress& progress_;
    std::list<Entry>::iterator entry_;
  };

 private:
  void run(const std::stop_token& stop);

  const std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable beaten_;
  std::list<Turn::Entry> entries_;        ///< The one that is due first stands first.
  const Turn::Entry* beating_ = nullptr;  ///< Called at this moment, without the lock.
  std::jthread thread_;
};

}  // namespace milterd
