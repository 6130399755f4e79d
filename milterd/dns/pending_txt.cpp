#include "milterd/dns/pending_txt.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "milterd/dns/txt_answer.hpp"

namespace milterd {

PendingTxt::PendingTxt(std::chrono::milliseconds timeout)
    : timeout_(timeout), give_up_(std::chrono::steady_clock::now() + timeout) {}

void PendingTxt::set(TxtAnswer answer) {
  {
    const std::lock_guard lock(mutex_);
    if (answer_) {
      return;
    }
    answer_ = std::move(answer);
  }
  answered_.notify_all();
}

TxtAnswer PendingTxt::wait(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  if (answered_.wait_until(lock, std::min(deadline, give_up_),
                           [this] { return answer_.has_value(); })) {
    return *answer_;
  }
  if (deadline < give_up_) {
    return no_records(TxtAnswer::Status::temporary,
                      "the nameservers gave no answer before the deadline");
  }
  return no_records(TxtAnswer::Status::temporary, "the nameservers gave no answer within " +
                                                      std::to_string(timeout_.count()) + " ms");
}

}  // namespace milterd
