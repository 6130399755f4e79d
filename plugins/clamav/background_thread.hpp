#pragma once
/// Threads that no signal is ever delivered to: signals belong to the host.

#include <csignal>
#include <thread>
#include <utility>

namespace milterd::clamav {

/// Starts `work(stop_token)` with every signal blocked from its first instruction.
template <class Work>
std::jthread start_background_thread(Work work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::jthread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace milterd::clamav
