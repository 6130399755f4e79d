#include "plugins/clamav/database/engine_reaper.hpp"

#include <utility>

#include "plugins/clamav/background_thread.hpp"
#include "plugins/clamav/memory_allocator.hpp"

namespace milterd::clamav {

EngineReaper::EngineReaper() {
  thread_ = start_background_thread([this](const std::stop_token&) { run(); });
}

EngineReaper::~EngineReaper() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::shared_ptr<const Engine> EngineReaper::share(std::unique_ptr<const Engine> engine,
                                                  std::shared_ptr<EngineReaper> reaper) {
  return {engine.release(), [reaper = std::move(reaper)](const Engine* last) {
            reaper->bury(std::unique_ptr<const Engine>(last));
          }};
}

void EngineReaper::bury(std::unique_ptr<const Engine> engine) {
  {
    const std::lock_guard lock(mutex_);
    dead_.push_back(std::move(engine));
  }
  changed_.notify_all();
}

void EngineReaper::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stop_ || !dead_.empty(); });
    if (dead_.empty()) {
      return;
    }
    std::vector<std::unique_ptr<const Engine>> dead = std::exchange(dead_, {});
    lock.unlock();
    dead.clear();
    return_free_memory();
    lock.lock();
  }
}

}  // namespace milterd::clamav
