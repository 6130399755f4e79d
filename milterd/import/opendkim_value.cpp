#include "milterd/import/opendkim_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>

#include "milterd/ascii.hpp"
#include "milterd/import/milter_socket.hpp"
#include "milterd/import/split_list.hpp"

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

}  // namespace

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

Result<std::string> opendkim_data_set(std::string_view value, std::string_view base_directory) {
  const DataSetName name = split_data_set(value);
  if (name.type == "csl") {
    return "csl:" + name.rest;
  }
  if (name.type != "file" && name.type != "refile") {
    return unread_type(name.type);
  }
  return name.type + ":" + path_below(name.rest, base_directory);
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
