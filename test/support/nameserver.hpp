#pragma once
/// A real nameserver (Debian's unbound) on a free loopback port, for tests.

#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace milterd {

class Nameserver {
 public:
  /// `zone_data` is a list of lines of unbound.conf's server clause. Names under "test." that it
  /// does not mention do not exist. Returns once the server answers; throws std::runtime_error with
  /// its last words if it does not start.
  explicit Nameserver(std::string_view zone_data);
  ~Nameserver();
  Nameserver(const Nameserver&) = delete;
  Nameserver(Nameserver&&) = delete;
  Nameserver& operator=(const Nameserver&) = delete;
  Nameserver& operator=(Nameserver&&) = delete;

  /// "127.0.0.1:12345"
  std::string address() const;
  /// It stays there but says nothing; questions wait in its socket.
  void freeze();
  void go_on();
  /// For good; the port is closed.
  void stop();

 private:
  bool start(std::string_view zone_data);

  std::string directory_;
  std::string last_words_;
  int port_ = 0;
  int output_ = -1;
  pid_t process_ = -1;
};

/// A loopback port, both UDP and TCP, that nothing listens on at this moment.
int free_port();

}  // namespace milterd
