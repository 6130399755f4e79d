#pragma once
/// An answer that is still to come.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "milterd/resolver.hpp"

namespace milterd {

/// Shared by whoever waits and by the resolver, whichever of them lives longer. Thread-safe.
class PendingTxt {
 public:
  /// Waiting gives up `timeout` from now.
  explicit PendingTxt(std::chrono::milliseconds timeout);

  /// The first answer counts.
  void set(TxtAnswer answer);
  /// See TxtLookup::wait().
  TxtAnswer wait(std::chrono::steady_clock::time_point deadline);

 private:
  const std::chrono::milliseconds timeout_;
  const std::chrono::steady_clock::time_point give_up_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::optional<TxtAnswer> answer_;
};

}  // namespace milterd
