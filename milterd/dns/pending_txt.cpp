#include "milterd/dns/pending_txt.hpp"

#include <utility>

namespace milterd {

void PendingTxt::set(std::shared_ptr<const TxtAnswer> answer) {
  {
    const std::lock_guard lock(mutex_);
    if (answer_) {
      return;
    }
    answer_ = std::move(answer);
  }
  answered_.notify_all();
}

std::shared_ptr<const TxtAnswer> PendingTxt::wait(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  answered_.wait_until(lock, until, [this] { return answer_ != nullptr; });
  return answer_;
}

}  // namespace milterd
