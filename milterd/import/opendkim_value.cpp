#include "milterd/import/opendkim_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <system_error>

#include "milterd/ascii.hpp"

namespace milterd {
namespace {

/// "refile:/path" in its parts; no type where there is none.
struct DataSetName {
  std::string type;  ///< Lower case.
  std::string rest;
};

DataSetName split_data_set(std::string_view value) {
  const std::size_t colon = value.find(':');
  const std::size_t comma = value.find(',');
  // A comma before the first colon: a list whose entries have colons, such as IPv6 addresses.
  if (colon != std::string_view::npos && colon < comma) {
    return {to_lower(value.substr(0, colon)), std::string(value.substr(colon + 1))};
  }
  if (value.ends_with(".db")) {
    return {"db", std::string(value)};
  }
  return {value.starts_with('/') ? "file" : "csl", std::string(value)};
}

std::unexpected<Error> unread_type(std::string_view type) {
  constexpr std::array databases = {"bdb",    "db",       "dsn", "ldap", "ldapi", "ldaps",
                                    "erlang", "memcache", "mdb", "lua",  "socket"};
  if (std::ranges::find(databases, type) == databases.end()) {
    return fail("\"" + std::string(type) +
                ":\" is no type of data set; write file:, refile: or csl:");
  }
  return fail("milterd reads no " + std::string(type) +
              ": data sets; write its rows to a file, \"key value\" in each line, and name that");
}

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

std::vector<std::string> split_list(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    std::string_view piece = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    while (!piece.empty() && is_space(piece.front())) {
      piece.remove_prefix(1);
    }
    while (!piece.empty() && is_space(piece.back())) {
      piece.remove_suffix(1);
    }
    if (!piece.empty()) {
      pieces.emplace_back(piece);
    }
  }
  return pieces;
}

bool opendkim_boolean(std::string_view value) {
  constexpr std::string_view yes = "TtYy1";
  return !value.empty() && yes.contains(value.front());
}

Result<std::int64_t> opendkim_integer(std::string_view value) {
  std::string_view digits = value;
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    digits.remove_prefix(2);
    base = 16;
  } else if (digits.size() > 1 && digits.starts_with('0')) {
    base = 8;
  }
  std::int64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, number, base);
  if (parsed.ec != std::errc{} || parsed.ptr != end || number < 0) {
    return fail("this is no number that it can have");
  }
  return number;
}

Result<std::string> opendkim_action(std::string_view value) {
  constexpr std::array actions = {"accept", "discard", "quarantine", "reject", "tempfail"};
  const std::string word = to_lower(value);
  for (const std::string_view action : actions) {
    if (word == action || word == action.substr(0, 1)) {
      return std::string(action);
    }
  }
  return fail("the actions are accept, discard, quarantine, reject and tempfail");
}

Result<std::string> opendkim_socket(std::string_view value, std::string_view base_directory) {
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
  const std::string path = opendkim_path(is_typed ? rest : value, base_directory);
  if (!path.starts_with('/')) {
    return fail("a socket is inet:port@host, or local:/path with the path in full");
  }
  return "unix:" + path;
}

std::string opendkim_path(std::string_view path, std::string_view base_directory) {
  if (base_directory.empty() || path.empty() || path.starts_with('/')) {
    return std::string(path);
  }
  const bool has_slash = base_directory.ends_with('/');
  return std::string(base_directory) + (has_slash ? "" : "/") + std::string(path);
}

Result<std::string> opendkim_data_set(std::string_view value, std::string_view base_directory) {
  const DataSetName name = split_data_set(value);
  if (name.type == "csl") {
    return "csl:" + name.rest;
  }
  if (name.type != "file" && name.type != "refile") {
    return unread_type(name.type);
  }
  return name.type + ":" + opendkim_path(name.rest, base_directory);
}

Result<std::vector<std::string>> opendkim_list(std::string_view value,
                                               std::string_view base_directory) {
  const DataSetName name = split_data_set(value);
  if (name.type == "csl") {
    return split_list(name.rest, ',');
  }
  auto set = opendkim_data_set(value, base_directory);
  if (!set) {
    return std::unexpected(std::move(set.error()));
  }
  return std::vector<std::string>{*std::move(set)};
}

}  // namespace milterd
