#include "milterd/dns/answer_thread.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <unbound.h>
#include <utility>

namespace milterd {

AnswerThread::AnswerThread(ub_ctx& context, UniqueFd stop)
    : context_(context), stop_(std::move(stop)), thread_([this] { run(); }) {}

AnswerThread::~AnswerThread() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

void AnswerThread::run() {
  std::array<pollfd, 2> waiting = {pollfd{ub_fd(&context_), POLLIN, 0},
                                   pollfd{stop_.get(), POLLIN, 0}};
  while (true) {
    if (poll(waiting.data(), waiting.size(), -1) < 0) {
      if (errno == EINTR) {
        continue;
      }
      break;
    }
    if (waiting[1].revents != 0) {
      return;
    }
    if (ub_process(&context_) != 0) {
      break;
    }
  }
  alive_ = false;
}

}  // namespace milterd
