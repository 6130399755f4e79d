#pragma once
/// An answer that is still to come.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "milterd/resolver.hpp"

namespace milterd {

/// Shared by all who wait for it and by the resolver, whoever of them lives longest. Thread-safe.
class PendingTxt {
 public:
  /// The first answer counts.
  void set(std::shared_ptr<const TxtAnswer> answer);
  /// The answer, or null where there is none at `until`. May be called again.
  std::shared_ptr<const TxtAnswer> wait(std::chrono::steady_clock::time_point until);

 private:
  std::mutex mutex_;
  std::condition_variable answered_;
  std::shared_ptr<const TxtAnswer> answer_;
};

}  // namespace milterd
