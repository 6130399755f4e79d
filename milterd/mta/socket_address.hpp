#pragma once
/// Where the MTA reaches us, as the configuration writes it.

#include <cstdint>
#include <string>
#include <string_view>

#include "milterd/result.hpp"

namespace milterd {

struct SocketAddress {
  enum class Family : std::uint8_t { local, inet, inet6 };
  Family family = Family::local;
  std::string host;        ///< A name or an address without brackets; a unix socket's path.
  std::uint16_t port = 0;  ///< 0: any that is free.

  /// As smtpd_milters of Postfix takes it: "inet:127.0.0.1:8891", "inet:[::1]:8891", "unix:/path".
  std::string text() const;
};

/// Takes "inet:host:port" (Postfix), "inet:port@host" and "inet6:port@host" (libmilter),
/// "unix:/path", "local:/path" and a bare "/path". IPv6 addresses stand in brackets where a port
/// follows. The error names the text, what is wrong with it and what would be right.
Result<SocketAddress> parse_socket_address(std::string_view text);

}  // namespace milterd
