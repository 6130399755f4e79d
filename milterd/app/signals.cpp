#include "milterd/app/signals.hpp"

#include <initializer_list>
#include <signal.h>

namespace milterd {
namespace {

sigset_t set_of(std::initializer_list<int> numbers) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : numbers) {
    sigaddset(&set, number);
  }
  return set;
}

int take(const sigset_t& set, std::chrono::milliseconds timeout) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const timespec limit{seconds.count(), std::chrono::nanoseconds(timeout - seconds).count()};
  return sigtimedwait(&set, nullptr, &limit);
}

}  // namespace

void block_signals() {
  const sigset_t set = set_of({SIGHUP, SIGUSR1, SIGTERM, SIGINT});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
}

SignalOrder wait_for_signal(std::chrono::milliseconds timeout) {
  const sigset_t stops = set_of({SIGTERM, SIGINT});
  const sigset_t reloads = set_of({SIGHUP, SIGUSR1});
  const int number = take(set_of({SIGHUP, SIGUSR1, SIGTERM, SIGINT}), timeout);
  // The kernel gives the lowest number first, so a flood of HUP would hide TERM for ever.
  if (number == SIGTERM || number == SIGINT || take(stops, {}) > 0) {
    return SignalOrder::stop;
  }
  if (number != SIGHUP && number != SIGUSR1) {
    return SignalOrder::none;
  }
  while (take(reloads, {}) > 0) {
  }
  return SignalOrder::reload;
}

}  // namespace milterd
