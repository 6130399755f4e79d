#include "milterd/dns/nameserver_address.hpp"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace milterd {
namespace {

struct Endpoint {
  std::string address;
  std::string_view port = "53";
};

std::optional<Endpoint> split(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view rest = text.substr(close + 1);
    Endpoint endpoint{.address = std::string(text.substr(1, close - 1))};
    if (rest.empty()) {
      return endpoint;
    }
    if (rest.front() != ':') {
      return std::nullopt;
    }
    endpoint.port = rest.substr(1);
    return endpoint;
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
    return Endpoint{.address = std::string(text)};
  }
  return Endpoint{.address = std::string(text.substr(0, colon)), .port = text.substr(colon + 1)};
}

bool is_ip_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc{} && stop == end && port != 0;
}

}  // namespace

Result<std::string> unbound_address(std::string_view nameserver) {
  const std::optional<Endpoint> endpoint = split(nameserver);
  if (!endpoint || !is_ip_address(endpoint->address)) {
    return fail("nameserver '" + std::string(nameserver) +
                "' is not an IP address with an optional port: write \"192.0.2.1\", "
                "\"192.0.2.1:53\" or \"[2001:db8::1]:53\"");
  }
  if (!is_port(endpoint->port)) {
    return fail("nameserver '" + std::string(nameserver) + "' has the port '" +
                std::string(endpoint->port) + "': a port is a number from 1 to 65535");
  }
  return endpoint->address + "@" + std::string(endpoint->port);
}

}  // namespace milterd
