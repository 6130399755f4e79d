#pragma once
/// Filters for tests, which say what they are told to say, whatever they are asked.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "plugins/chained_milter/protocol/negotiation.hpp"
#include "plugins/chained_milter/protocol/packet.hpp"
#include "plugins/chained_milter/protocol/wire_fields.hpp"

namespace milterd::test {

/// One packet in a few letters: "c", "r", packet("h", "X-A\0a\0").
template <std::size_t size>
std::string packet(char code, const char (&data)[size]) {
  std::string bytes;
  milter::append_packet(bytes, code, {std::string_view(data, size - 1)});
  return bytes;
}

inline std::string packet(char code) { return packet(code, ""); }

/// With a number in front of the strings, as insert and change have it.
template <std::size_t size>
std::string indexed(char code, std::uint32_t index, const char (&data)[size]) {
  std::string number;
  milter::append_u32(number, index);
  std::string bytes;
  milter::append_packet(bytes, code, {number, std::string_view(data, size - 1)});
  return bytes;
}

/// The answer to the negotiation.
inline std::string agreement(std::uint32_t actions = milter::action::all, std::uint32_t steps = 0,
                             std::uint32_t version = 6) {
  std::string data;
  milter::append_u32(data, version);
  milter::append_u32(data, actions);
  milter::append_u32(data, steps);
  std::string bytes;
  milter::append_packet(bytes, 'O', {data});
  return bytes;
}

/// One packet as "M<a@b>|SIZE=1|": its letter and data, NULs shown as '|'.
inline std::vector<std::string> shown_packets(std::string_view bytes) {
  std::vector<std::string> shown;
  while (bytes.size() >= 5) {
    const std::size_t size = milter::read_u32(bytes);
    std::string text(bytes.substr(4, size));
    for (char& c : text) {
      c = c == '\0' ? '|' : c;
    }
    shown.push_back(std::move(text));
    bytes.remove_prefix(std::min(4 + size, bytes.size()));
  }
  return shown;
}

inline std::string read_all(int descriptor) {
  std::string bytes;
  std::array<char, 65536> piece{};
  for (ssize_t got = 0; (got = ::read(descriptor, piece.data(), piece.size())) > 0;) {
    bytes.append(piece.data(), static_cast<std::size_t>(got));
  }
  return bytes;
}

/// At the other end of a pair of sockets; all that it will say is said in advance.
class PairedChild {
 public:
  explicit PairedChild(std::string_view says) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      std::abort();
    }
    own_ = ends[0];
    other_ = ends[1];
    say(says);
  }
  ~PairedChild() { ::close(own_); }
  PairedChild(const PairedChild&) = delete;
  PairedChild& operator=(const PairedChild&) = delete;

  /// For the one who talks to it, who closes it.
  int other_end() const { return other_; }
  void say(std::string_view bytes) const {
    if (try_to_say(bytes) != static_cast<ssize_t>(bytes.size())) {
      std::abort();
    }
  }
  /// The other side may close meanwhile.
  ssize_t try_to_say(std::string_view bytes) const {
    return ::send(own_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  /// It says nothing more; what it is told it can still hear.
  void hang_up() const { ::shutdown(own_, SHUT_WR); }
  /// What it was told so far. To be called once the other end is closed.
  std::vector<std::string> heard() const { return shown_packets(read_all(own_)); }

 private:
  int own_ = -1;
  int other_ = -1;
};

/// Listens for one connection and says everything at once.
class ListeningChild {
 public:
  enum class Then { listen, close };
  enum class On { local, ipv4, ipv6 };

  explicit ListeningChild(std::string says, Then then = Then::listen, On on = On::local) {
    on == On::local ? listen_local() : listen_inet(on == On::ipv6);
    thread_ = std::thread([this, then, text = std::move(says)] { serve(text, then); });
  }
  ~ListeningChild() {
    stop();
    ::close(listener_);
    std::filesystem::remove_all(directory_);
  }
  ListeningChild(const ListeningChild&) = delete;
  ListeningChild& operator=(const ListeningChild&) = delete;

  static bool can_ipv6() {
    const int probe = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    const bool bound =
        ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(probe);
    return bound;
  }
  std::string endpoint() const { return endpoint_; }
  std::string port() const { return endpoint_.substr(endpoint_.rfind(':') + 1); }
  /// What it was told. To be called once the other side has closed.
  std::vector<std::string> heard() {
    stop();
    return shown_packets(heard_);
  }

 private:
  void listen_local() {
    std::string directory = (std::filesystem::temp_directory_path() / "milter-XXXXXX").string();
    if (::mkdtemp(directory.data()) == nullptr) {
      std::abort();
    }
    directory_ = directory;
    const std::string path = directory + "/s";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    listen_on(reinterpret_cast<const sockaddr*>(&address), sizeof address);
    endpoint_ = "unix:" + path;
  }
  void listen_inet(bool ipv6) {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_addr = in6addr_loopback;
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ipv6 ? listen_on(reinterpret_cast<const sockaddr*>(&six), sizeof six)
         : listen_on(reinterpret_cast<const sockaddr*>(&four), sizeof four);
    socklen_t size = sizeof six;  // The port stands in the same place in both.
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&six), &size);
    endpoint_ = std::string(ipv6 ? "inet:[::1]:" : "inet:127.0.0.1:") +
                std::to_string(ntohs(six.sin6_port));
  }
  void listen_on(const sockaddr* address, socklen_t size) {
    listener_ = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener_, address, size) != 0 || ::listen(listener_, 4) != 0) {
      std::abort();
    }
  }
  void stop() {
    if (thread_.joinable()) {
      ::shutdown(listener_, SHUT_RDWR);  // For the case that nobody came.
      thread_.join();
    }
  }
  void serve(const std::string& says, Then then) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) {
      return;
    }
    (void)::send(connection, says.data(), says.size(), MSG_NOSIGNAL);
    if (then == Then::close) {
      ::shutdown(connection, SHUT_WR);
    }
    heard_ = read_all(connection);
    ::close(connection);
  }

  std::filesystem::path directory_;
  std::string endpoint_;
  int listener_ = -1;
  std::string heard_;
  std::thread thread_;
};

}  // namespace milterd::test
