#pragma once
/// Tells work that is under way that nobody waits for it any more.

#include <atomic>
#include <cstdint>
#include <stop_token>

namespace milterd {

enum class CancelReason : std::uint8_t {
  none,
  client_gone,  ///< The MTA has closed the connection.
  shut_down,    ///< The daemon ends, and has waited as long as it may.
};

/// Thread-safe. What is cancelled stays so.
class Cancellation {
 public:
  void cancel(CancelReason reason) {
    CancelReason before = CancelReason::none;
    if (reason_.compare_exchange_strong(before, reason)) {
      source_.request_stop();
    }
  }
  CancelReason reason() const { return reason_.load(); }
  /// To be woken by. reason() says why.
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::atomic<CancelReason> reason_ = CancelReason::none;
  std::stop_source source_;
};

}  // namespace milterd
