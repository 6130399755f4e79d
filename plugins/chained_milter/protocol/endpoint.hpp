#pragma once
/// Where a filter listens, as smtpd_milters of Postfix writes it.

#include <cstdint>
#include <string>
#include <string_view>

#include "milterd/result.hpp"

namespace milterd::milter {

struct Endpoint {
  bool local = false;  ///< A unix socket; else host and port.
  std::string host;    ///< The path; or a name or an address without brackets.
  std::uint16_t port = 0;

  /// "unix:/path", "inet:127.0.0.1:8891", "inet:[::1]:8891".
  std::string text() const;
};

/// Takes "inet:host:port" and "inet:[address]:port" with a port number, "unix:/path",
/// "local:/path". The error says what is wrong and what would be right.
Result<Endpoint> parse_endpoint(std::string_view text);

}  // namespace milterd::milter
