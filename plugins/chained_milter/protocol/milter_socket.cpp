#include "plugins/chained_milter/protocol/milter_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace milterd::milter {
namespace {

std::unexpected<Error> system_fault(const char* what, int number) {
  return fail(std::string(what) + ": " + std::generic_category().message(number));
}

/// Until the socket is ready for `events`. False where the time is up.
Result<bool> wait_for(int descriptor, short events, Clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd entry{.fd = descriptor, .events = events, .revents = 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::clamp<long>(left, 0, 3'600'000)));
    if (ready > 0) {
      return true;
    }
    if (ready < 0 && errno != EINTR) {
      return system_fault("poll", errno);
    }
    if (Clock::now() >= deadline) {
      return false;
    }
  }
}

std::string in_seconds(Clock::duration time) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.1f s",
                      std::chrono::duration<double>(time).count());
  return text.data();
}

Result<MilterSocket> connect_to(int family, const sockaddr* address, socklen_t size,
                                Clock::time_point deadline) {
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) {
    return system_fault("cannot make a socket", errno);
  }
  MilterSocket owner(descriptor);
  if (::connect(descriptor, address, size) == 0) {
    return owner;
  }
  if (errno == EAGAIN) {  // A unix socket whose queue of connections is full.
    return fail("cannot connect: too many connections are waiting there already");
  }
  if (errno != EINPROGRESS) {
    return system_fault("cannot connect", errno);
  }
  const auto ready = wait_for(descriptor, POLLOUT, deadline);
  if (!ready) {
    return std::unexpected(ready.error());
  }
  if (!*ready) {
    return fail("cannot connect: no answer in time");
  }
  int fault = 0;
  socklen_t fault_size = sizeof fault;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &fault, &fault_size) != 0) {
    fault = errno;
  }
  return fault == 0 ? Result<MilterSocket>(std::move(owner))
                    : system_fault("cannot connect", fault);
}

Result<MilterSocket> connect_local(const std::string& path, Clock::time_point deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), std::min(path.size(), sizeof address.sun_path - 1));
  return connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address, deadline);
}

Result<MilterSocket> connect_inet(const Endpoint& endpoint, Clock::time_point deadline) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const std::string port = std::to_string(endpoint.port);
  if (const int fault = ::getaddrinfo(endpoint.host.c_str(), port.c_str(), &wanted, &list);
      fault != 0) {
    return fail("cannot look up its host: " + std::string(::gai_strerror(fault)));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
  Result<MilterSocket> connected = fail("its host has no address");
  for (const addrinfo* entry = list; entry != nullptr && !connected; entry = entry->ai_next) {
    connected = connect_to(entry->ai_family, entry->ai_addr, entry->ai_addrlen, deadline);
  }
  return connected;
}

}  // namespace

MilterSocket::MilterSocket(int descriptor) : descriptor_(descriptor) {
  (void)::fcntl(descriptor, F_SETFL, O_NONBLOCK);
  const int on = 1;
  // Fails on a unix socket, which needs none.
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

MilterSocket::~MilterSocket() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

MilterSocket::MilterSocket(MilterSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

MilterSocket& MilterSocket::operator=(MilterSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Result<MilterSocket> MilterSocket::connect(const Endpoint& endpoint, Clock::time_point deadline) {
  return endpoint.local ? connect_local(endpoint.host, deadline) : connect_inet(endpoint, deadline);
}

Result<> MilterSocket::send(std::string_view first, std::string_view second,
                            Clock::time_point deadline) {
  while (!first.empty() || !second.empty()) {
    std::array<iovec, 2> parts{iovec{const_cast<char*>(first.data()), first.size()},
                               iovec{const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      const auto of_first = std::min(first.size(), static_cast<std::size_t>(sent));
      first.remove_prefix(of_first);
      second.remove_prefix(static_cast<std::size_t>(sent) - of_first);
    } else if (errno == EAGAIN) {
      const auto ready = wait_for(descriptor_, POLLOUT, deadline);
      if (!ready) {
        return std::unexpected(ready.error());
      }
      if (!*ready) {
        return fail("it does not take what it is sent within the time limit");
      }
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return fail("it has closed the connection");
    } else if (errno != EINTR) {
      return system_fault("cannot send", errno);
    }
  }
  return {};
}

std::size_t MilterSocket::send_now(std::string_view bytes) noexcept {
  const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

Result<std::size_t> MilterSocket::receive(std::span<char> space, Clock::time_point deadline) {
  const auto begin = Clock::now();
  while (true) {
    const ssize_t got = ::recv(descriptor_, space.data(), space.size(), 0);
    if (got >= 0) {
      return static_cast<std::size_t>(got);
    }
    if (errno == EAGAIN) {
      const auto ready = wait_for(descriptor_, POLLIN, deadline);
      if (!ready) {
        return std::unexpected(ready.error());
      }
      if (!*ready) {
        return fail("no answer for " + in_seconds(Clock::now() - begin));
      }
    } else if (errno == ECONNRESET) {
      return 0;
    } else if (errno != EINTR) {
      return system_fault("cannot receive", errno);
    }
  }
}

}  // namespace milterd::milter
