#pragma once
/// The listening socket: bound by us, or handed over by the service manager.

#include <cstdint>
#include <string>
#include <sys/types.h>

#include "milterd/mta/socket_address.hpp"
#include "milterd/result.hpp"
#include "milterd/util/unique_fd.hpp"

namespace milterd {

class Listener {
 public:
  struct Settings {
    SocketAddress address;
    std::uint32_t mode = 0660;  ///< Unix sockets only.
    std::string group;          ///< Unix sockets only; "" leaves it.
  };

  /// Binds and listens. A unix socket that nobody serves any more is replaced; one that somebody
  /// serves is left alone, and that is an error, as is a file of another kind. Errors say what to
  /// do.
  static Result<Listener> open(const Settings& settings);
  /// The socket that systemd passed (sd_listen_fds(3)). `passed` is false where there is none, and
  /// then the listener is empty. Error: more than one, or no listening stream socket.
  struct Inherited;
  static Result<Inherited> inherit();

  Listener() = default;
  ~Listener();  ///< Takes its unix socket out of the file system, if it is still the same.
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&& other) noexcept;

  int descriptor() const { return handed_over_ >= 0 ? handed_over_ : descriptor_.get(); }
  /// Whoever gets it closes it. It stays what descriptor() says, and close_entrance() still works.
  int hand_over() { return handed_over_ = descriptor_.release(); }
  bool is_inherited() const { return inherited_; }
  /// As smtpd_milters takes it, with the port that was really bound.
  const std::string& text() const { return text_; }

  /// From now on nobody new gets in, while the descriptor stays a listening socket for whoever
  /// polls it. What waits on a socket of the service manager goes on waiting there, for the next
  /// start. Error: the system refuses a socket.
  Result<> close_entrance();
  /// After close_entrance(): connects once, to wake whoever polls the descriptor.
  void wake_acceptor() const;

 private:
  Result<> open_local(const Settings& settings);
  Result<> open_inet(const Settings& settings);
  void unlink_path();

  UniqueFd descriptor_;
  int handed_over_ = -1;
  UniqueFd nowhere_;  ///< What stands in the entrance's place once it is closed.
  std::string text_;
  std::string path_;  ///< To be unlinked; "" when there is nothing to unlink.
  dev_t device_ = 0;
  ino_t inode_ = 0;
  bool inherited_ = false;
};

struct Listener::Inherited {
  bool passed = false;
  Listener listener;
};

}  // namespace milterd
