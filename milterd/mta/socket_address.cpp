#include "milterd/mta/socket_address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <netinet/in.h>
#include <optional>
#include <sys/un.h>

namespace milterd {
namespace {

constexpr std::string_view example = "write inet:127.0.0.1:8891 or unix:/run/milterd/milterd.sock";

std::unexpected<Error> wrong(std::string_view text, std::string_view why) {
  return fail("socket \"" + std::string(text) + "\": " + std::string(why));
}

bool is_ipv6_literal(const std::string& host) {
  in6_addr ignored{};
  return inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return port;
}

Result<SocketAddress> parse_path(std::string_view text, std::string_view path) {
  constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty() || path.front() != '/') {
    return wrong(text, "the path of a unix socket must begin with '/'");
  }
  if (path.size() > longest) {
    return wrong(text, "the path has " + std::to_string(path.size()) +
                           " bytes, but the system allows a unix socket only " +
                           std::to_string(longest));
  }
  if (path.find('\0') != std::string_view::npos) {
    return wrong(text, "the path holds a NUL byte");
  }
  return SocketAddress{SocketAddress::Family::local, std::string(path), 0};
}

struct HostAndPort {
  std::string_view host;
  std::string_view port;
};

/// "port@host", "host:port" or "[host]:port". Nothing where a part is missing.
std::optional<HostAndPort> split(std::string_view text) {
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    return HostAndPort{text.substr(at + 1), text.substr(0, at)};
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  return HostAndPort{text.substr(0, colon), text.substr(colon + 1)};
}

Result<SocketAddress> parse_inet(std::string_view text, std::string_view rest, bool wants_ipv6) {
  const auto parts = split(rest);
  if (!parts || parts->host.empty() || parts->port.empty()) {
    return wrong(text, "host and port are both needed; " + std::string(example));
  }
  std::string_view host = parts->host;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos && rest.find('@') == std::string_view::npos) {
    return wrong(text, "an IPv6 address before a port stands in brackets, as in inet:[::1]:8891");
  }
  const bool clean = std::ranges::all_of(
      host, [](char byte) { return byte > ' ' && byte < '\x7f' && byte != '[' && byte != ']'; });
  const auto port = parse_port(parts->port);
  if (!clean) {
    return wrong(text, "the host is no name and no address; " + std::string(example));
  }
  if (!port) {
    return wrong(text, "the port must be a number from 0 (any that is free) to 65535, got \"" +
                           std::string(parts->port) + "\"");
  }
  std::string name(host);
  const bool literal = is_ipv6_literal(name);
  if (name.find(':') != std::string::npos && !literal) {
    return wrong(text, "\"" + name + "\" is no IPv6 address");
  }
  const auto family =
      wants_ipv6 || literal ? SocketAddress::Family::inet6 : SocketAddress::Family::inet;
  return SocketAddress{family, std::move(name), *port};
}

}  // namespace

std::string SocketAddress::text() const {
  switch (family) {
    case Family::local: return "unix:" + host;
    case Family::inet: return "inet:" + host + ":" + std::to_string(port);
    case Family::inet6: return "inet:[" + host + "]:" + std::to_string(port);
  }
  return host;
}

Result<SocketAddress> parse_socket_address(std::string_view text) {
  if (text.starts_with('/')) {
    return parse_path(text, text);
  }
  const auto colon = text.find(':');
  const auto kind = text.substr(0, colon);
  const auto rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (kind == "unix" || kind == "local") {
    return parse_path(text, rest);
  }
  if (kind == "inet" || kind == "inet6") {
    return parse_inet(text, rest, kind == "inet6");
  }
  return wrong(text, "it must begin with inet:, inet6:, unix: or '/'; " + std::string(example));
}

}  // namespace milterd
