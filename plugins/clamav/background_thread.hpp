#pragma once
/// Threads that no signal is ever delivered to: signals belong to the host.

#include <csignal>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
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

/// Mail goes before what the calling thread does from now on. There is no way back: to take a nice
/// value away again needs a privilege.
inline void give_way_to_mail() {
  constexpr int nice = 10;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice);
}

}  // namespace milterd::clamav
