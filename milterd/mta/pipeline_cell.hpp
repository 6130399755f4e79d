#pragma once
/// The pipeline that new sessions get.

#include <memory>
#include <mutex>
#include <utility>

#include "milterd/pipeline/pipeline.hpp"

namespace milterd {

/// Thread-safe. A mutex and not an atomic shared_ptr, in which libstdc++ 12 has a data race.
class PipelineCell {
 public:
  std::shared_ptr<const Pipeline> load() const {
    const std::scoped_lock lock(mutex_);
    return pipeline_;
  }
  /// The old one is freed by whoever uses it last.
  void store(std::shared_ptr<const Pipeline> pipeline) {
    const std::scoped_lock lock(mutex_);
    pipeline_.swap(pipeline);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Pipeline> pipeline_;
};

}  // namespace milterd
