#pragma once
/// The thread that hands out libunbound's answers.

#include <atomic>
#include <thread>

#include "milterd/util/unique_fd.hpp"

struct ub_ctx;

namespace milterd {

/// Runs the callbacks of a context's finished questions, one after the other, as they come.
class AnswerThread {
 public:
  /// `context` outlives this; `stop` is an eventfd.
  AnswerThread(ub_ctx& context, UniqueFd stop);
  /// Returns when the callback that is running has ended; no other will begin.
  ~AnswerThread();
  AnswerThread(const AnswerThread&) = delete;
  AnswerThread(AnswerThread&&) = delete;
  AnswerThread& operator=(const AnswerThread&) = delete;
  AnswerThread& operator=(AnswerThread&&) = delete;

  /// False once libunbound has broken down: no answer will come any more.
  bool alive() const { return alive_; }

 private:
  void run();

  ub_ctx& context_;
  const UniqueFd stop_;
  std::atomic<bool> alive_ = true;
  std::thread thread_;
};

}  // namespace milterd
