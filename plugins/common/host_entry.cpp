#include "plugins/common/host_entry.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <optional>
#include <system_error>

#include "milterd/ascii.hpp"

namespace milterd {

namespace {

constexpr std::size_t longest_name = 255;
constexpr std::size_t v4_offset = 96;
constexpr std::size_t v4_bits = 32;
constexpr std::size_t v6_bits = 128;

bool is_host_name(std::string_view name) {
  if (name.starts_with('.')) {
    name.remove_prefix(1);
  }
  if (name.empty() || name.size() > longest_name || name.front() == '.' || name.back() == '.' ||
      name.find("..") != std::string_view::npos) {
    return false;
  }
  return std::ranges::all_of(
      name, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::string_view without_brackets(std::string_view text) {
  return text.size() >= 2 && text.front() == '[' && text.back() == ']'
             ? text.substr(1, text.size() - 2)
             : text;
}

bool is_v4(const AddressBytes& address) {
  return std::ranges::all_of(address.begin(), address.begin() + 10,
                             [](std::uint8_t byte) { return byte == 0; }) &&
         address[10] == 0xff && address[11] == 0xff;
}

/// As opendkim, and RFC 5952, write it.
std::string to_text(const AddressBytes& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4(address)) {
    inet_ntop(AF_INET, &address[12], text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  }
  return text.data();
}

/// "192.168.*", "192.168.*.*", "2001:db8:*".
std::optional<HostEntry::Network> read_wildcard_network(std::string_view text) {
  const char separator = text.find(':') == std::string_view::npos ? '.' : ':';
  const std::string star = {separator, '*'};
  if (!text.ends_with(star)) {
    return std::nullopt;
  }
  while (text.ends_with(star)) {
    text.remove_suffix(star.size());
  }
  const auto parts = 1 + static_cast<std::size_t>(std::ranges::count(text, separator));
  constexpr std::size_t v4_parts = 4;
  constexpr std::size_t v6_parts = 8;
  std::string filled(text);
  std::size_t bits = 0;
  if (separator == '.') {
    for (std::size_t i = parts; i < v4_parts; ++i) {
      filled += ".0";
    }
    bits = v4_offset + parts * 8;
  } else {
    filled += "::";
    bits = parts * 16;
  }
  HostEntry::Network network{.address = {}, .bits = bits};
  if (parts >= (separator == '.' ? v4_parts : v6_parts) ||
      text.find("::") != std::string_view::npos || !read_address(filled, network.address)) {
    return std::nullopt;
  }
  return network;
}

Result<HostEntry::Network> read_network(std::string_view text, std::string_view entry) {
  const std::size_t slash = text.find('/');
  HostEntry::Network network{.address = {}, .bits = v6_bits};
  const std::string_view address = text.substr(0, slash);
  if (!read_address(address, network.address)) {
    return fail("'" + std::string(entry) +
                "' is not a network: what stands before / is not an address");
  }
  if (slash == std::string_view::npos) {
    return network;
  }
  const bool written_as_v4 = address.find(':') == std::string_view::npos;
  const std::size_t most = written_as_v4 ? v4_bits : v6_bits;
  const std::string_view digits = text.substr(slash + 1);
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, network.bits);
  if (error != std::errc{} || stop != end || network.bits > most) {
    return fail("'" + std::string(entry) + "' is not a network: what stands after / must be 0.." +
                std::to_string(most));
  }
  network.bits += written_as_v4 ? v4_offset : 0;
  network.address = masked(network.address, network.bits);
  return network;
}

}  // namespace

bool read_address(std::string_view text, AddressBytes& address) {
  const std::string terminated(without_brackets(text));
  address = {};
  if (inet_pton(AF_INET, terminated.c_str(), &address[12]) == 1) {
    address[10] = 0xff;
    address[11] = 0xff;
    return true;
  }
  return inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1;
}

AddressBytes masked(const AddressBytes& address, std::size_t bits) {
  AddressBytes result = address;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::size_t kept = std::min<std::size_t>(bits - std::min(bits, i * 8), 8);
    result[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
  }
  return result;
}

Result<HostEntry> parse_host_entry(std::string_view text) {
  const std::string_view entry = text;
  HostEntry parsed;
  if (text.starts_with('!')) {
    parsed.listed = false;
    text.remove_prefix(1);
  }
  AddressBytes address{};
  if (text == "*") {
    AddressBytes any_v4{};
    read_address("0.0.0.0", any_v4);
    parsed.networks = {{.address = any_v4, .bits = v4_offset}, {.address = {}, .bits = 0}};
    return parsed;
  }
  if (const auto network = read_wildcard_network(text)) {
    parsed.networks = {*network};
    return parsed;
  }
  if (text.find('/') != std::string_view::npos || read_address(text, address)) {
    const auto network = read_network(text, entry);
    if (!network) {
      return std::unexpected(network.error());
    }
    parsed.networks = {*network};
    return parsed;
  }
  std::string_view name = text;
  if (name.starts_with("*.")) {
    name.remove_prefix(1);
  }
  const bool numeric = name.find(':') != std::string_view::npos ||
                       std::ranges::all_of(name, [](char c) { return is_digit(c) || c == '.'; });
  if (numeric || !is_host_name(name)) {
    return fail("'" + std::string(entry) +
                "' is not a host: use an address (192.0.2.7), a network (192.0.2.0/24), a name "
                "(mail.example.org) or a domain (.example.org), with ! in front for an exception");
  }
  parsed.name = to_lower(name);
  return parsed;
}

std::string remark_on_host_entry(std::string_view text, bool is_pattern) {
  const auto parsed = parse_host_entry(text);
  if (!parsed) {
    return {};
  }
  std::string_view written = text.substr(parsed->listed ? 0 : 1);
  const std::string subject = "'" + std::string(text) + "' ";
  const std::string exception = parsed->listed ? "" : "!";
  if (written == "*") {
    return subject + "means every client";
  }
  std::string meaning = parsed->name;
  if (!parsed->networks.empty()) {
    const HostEntry::Network& network = parsed->networks.front();
    const bool v4 = is_v4(network.address) && network.bits >= v4_offset;
    const std::size_t bits = network.bits - (v4 ? v4_offset : 0);
    if (bits == 0) {
      return subject + (v4 ? "means every client with an IPv4 address"
                           : "means every client with an IPv6 address");
    }
    meaning = to_text(network.address);
    if (written.find_first_of("/*") != std::string_view::npos) {
      meaning += "/" + std::to_string(bits);
    }
    written = without_brackets(written);
  }
  if (equal_ignoring_case(written, meaning) ||
      (is_pattern && written.find('*') != std::string_view::npos)) {
    return {};
  }
  return subject + "means " + exception + meaning +
         " here; opendkim would never match it, so write it like that";
}

}  // namespace milterd
