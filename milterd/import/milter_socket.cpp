#include "milterd/import/milter_socket.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "milterd/ascii.hpp"

namespace milterd {
namespace {

/// libmilter's "port@host" or "port".
std::optional<std::string> postfix_host_and_port(std::string_view text, std::string_view any_host) {
  const std::size_t at = text.find('@');
  const std::string_view port = text.substr(0, at);
  const auto is_digit_byte = [](char byte) { return is_digit(byte); };
  if (port.empty() || port.size() > 5 || !std::ranges::all_of(port, is_digit_byte)) {
    return std::nullopt;
  }
  std::string host(at == std::string_view::npos ? any_host : text.substr(at + 1));
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty()) {
    return std::nullopt;
  }
  return (host.contains(':') ? "[" + host + "]" : host) + ":" + std::string(port);
}

}  // namespace

Result<std::string> milter_socket(std::string_view value, std::string_view base_directory) {
  const std::size_t colon = value.find(':');
  const std::string type = to_lower(value.substr(0, std::min(colon, value.size())));
  const std::string_view rest =
      colon == std::string_view::npos ? std::string_view{} : value.substr(colon + 1);
  if (type == "inet" || type == "inet6") {
    auto host_and_port = postfix_host_and_port(rest, type == "inet" ? "0.0.0.0" : "::");
    if (!host_and_port) {
      return fail("a socket is " + type + ":port@host");
    }
    return type + ":" + *host_and_port;
  }
  const bool is_typed = type == "local" || type == "unix";
  const std::string path = path_below(is_typed ? rest : value, base_directory);
  if (!path.starts_with('/')) {
    return fail("a socket is inet:port@host, or local:/path with the path in full");
  }
  return "unix:" + path;
}

std::string path_below(std::string_view path, std::string_view base_directory) {
  if (base_directory.empty() || path.empty() || path.starts_with('/')) {
    return std::string(path);
  }
  const bool has_slash = base_directory.ends_with('/');
  return std::string(base_directory) + (has_slash ? "" : "/") + std::string(path);
}

}  // namespace milterd
