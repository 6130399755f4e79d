#pragma once
/// Match memories for as many look-ups as happen at the same time.

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "plugins/header_checks/pattern.hpp"
#include "plugins/header_checks/prefilter.hpp"

namespace milterd::header_checks {

/// What one look-up works with.
struct LookupMemory {
  LookupMemory(std::size_t groups, const Table::Options& options) : match(groups, options) {}
  MatchMemory match;
  KeyTrigrams trigrams;
};

/// Thread-safe.
class MemoryPool {
 public:
  MemoryPool(std::size_t groups, const Table::Options& options)
      : groups_(groups), options_(options) {}

  std::unique_ptr<LookupMemory> take() {
    {
      const std::scoped_lock lock(mutex_);
      if (!free_.empty()) {
        auto memory = std::move(free_.back());
        free_.pop_back();
        return memory;
      }
    }
    return std::make_unique<LookupMemory>(groups_, options_);
  }

  /// Not for a memory that has grown.
  void give_back(std::unique_ptr<LookupMemory> memory) {
    const std::scoped_lock lock(mutex_);
    free_.push_back(std::move(memory));
  }

 private:
  std::size_t groups_;
  Table::Options options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<LookupMemory>> free_;
};

}  // namespace milterd::header_checks
