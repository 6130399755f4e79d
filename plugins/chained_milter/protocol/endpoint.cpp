#include "plugins/chained_milter/protocol/endpoint.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <netinet/in.h>
#include <optional>
#include <sys/un.h>

#include "milterd/ascii.hpp"

namespace milterd::milter {
namespace {

constexpr std::string_view example = "write inet:host:port or unix:/path";

std::unexpected<Error> wrong(std::string_view text, std::string_view why) {
  return fail("\"" + std::string(text) + "\": " + std::string(why));
}

Result<Endpoint> parse_path(std::string_view text, std::string_view path) {
  constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
  if (!path.starts_with('/')) {
    return wrong(text, "the path of a unix socket must begin with '/'");
  }
  if (path.size() > longest) {
    return wrong(text, "the path has " + std::to_string(path.size()) +
                           " bytes, a unix socket's may have " + std::to_string(longest));
  }
  return Endpoint{.local = true, .host = std::string(path), .port = 0};
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size();
  return whole && port != 0 ? std::optional(port) : std::nullopt;
}

bool is_ipv6(const std::string& host) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

Result<Endpoint> parse_inet(std::string_view text, std::string_view rest) {
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == rest.size()) {
    return wrong(text, "host and port are both needed; " + std::string(example));
  }
  std::string_view host = rest.substr(0, colon);
  const auto port = parse_port(rest.substr(colon + 1));
  if (!port) {
    return wrong(text, "the port must be a number from 1 to 65535");
  }
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  const std::string name(host);
  if (name.find(':') != std::string::npos && (!bracketed || !is_ipv6(name))) {
    return wrong(text, "an IPv6 address stands in brackets, as in inet:[::1]:8891");
  }
  const bool clean = std::ranges::all_of(host, [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '-' || c == '_' || c == ':';
  });
  if (!clean) {
    return wrong(text, "the host is no name and no address; " + std::string(example));
  }
  return Endpoint{.local = false, .host = name, .port = *port};
}

}  // namespace

std::string Endpoint::text() const {
  if (local) {
    return "unix:" + host;
  }
  const bool brackets = host.find(':') != std::string::npos;
  return "inet:" + (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (kind == "unix" || kind == "local") {
    return parse_path(text, rest);
  }
  if (kind == "inet") {
    return parse_inet(text, rest);
  }
  return wrong(text, "it must begin with inet: or unix:; " + std::string(example));
}

}  // namespace milterd::milter
