#include "milterd/mta/service_notice.hpp"

#include <chrono>
#include <fcntl.h>
#include <string>
#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace milterd {

ServiceNotice::ServiceNotice(int ready_fd) : ready_fd_(ready_fd) {
  if (ready_fd_) {
    (void)fcntl(ready_fd_.get(), F_SETFD, FD_CLOEXEC);
  }
}

void ServiceNotice::ready() {
  (void)sd_notify(0, "READY=1");
  if (ready_fd_) {
    // Nobody reads it any more? Then nobody waits for it either.
    [[maybe_unused]] const auto written = write(ready_fd_.get(), "\n", 1);
    ready_fd_.reset();
  }
}

void ServiceNotice::reloading() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  const std::string state = "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds);
  (void)sd_notify(0, state.c_str());
}

void ServiceNotice::stopping() { (void)sd_notify(0, "STOPPING=1"); }

}  // namespace milterd
