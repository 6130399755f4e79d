#pragma once
/// Frees engines in a thread of its own.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "plugins/clamav/database/engine.hpp"

namespace milterd::clamav {

/// Freeing a large engine takes most of a second. That must not happen to the message whose scan
/// happened to hold the last reference, so the last reference only hands the engine over.
/// Thread-safe.
class EngineReaper {
 public:
  EngineReaper();
  ~EngineReaper();  ///< Waits until all that was handed over is freed.
  EngineReaper(const EngineReaper&) = delete;
  EngineReaper& operator=(const EngineReaper&) = delete;

  /// The engine, to be shared by scans; it keeps the reaper alive.
  static std::shared_ptr<const Engine> share(std::unique_ptr<const Engine> engine,
                                             std::shared_ptr<EngineReaper> reaper);

 private:
  void bury(std::unique_ptr<const Engine> engine);
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<const Engine>> dead_;
  bool stop_ = false;
  std::jthread thread_;
};

}  // namespace milterd::clamav
