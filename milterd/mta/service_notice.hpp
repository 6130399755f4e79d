#pragma once
/// What the service manager is told: systemd by sd_notify(3), any other by a file descriptor.

#include "milterd/util/unique_fd.hpp"

namespace milterd {

class ServiceNotice {
 public:
  /// `ready_fd`: -1 for none; taken over.
  explicit ServiceNotice(int ready_fd);

  void ready();      ///< The first time also a newline to the descriptor, which is closed then.
  void reloading();  ///< To be followed by ready(), whatever came of it.
  void stopping();

 private:
  UniqueFd ready_fd_;
};

}  // namespace milterd
