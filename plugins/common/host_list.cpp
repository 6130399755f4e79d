#include "plugins/common/host_list.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

#include "milterd/ascii.hpp"

namespace milterd {

namespace {

constexpr std::size_t longest_name = 255;
constexpr std::size_t v4_offset = 96;

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

bool same_prefix(const std::array<std::uint8_t, 16>& a, const std::array<std::uint8_t, 16>& b,
                 std::size_t bits) {
  const std::size_t whole = bits / 8;
  if (std::memcmp(a.data(), b.data(), whole) != 0) {
    return false;
  }
  const std::size_t rest = bits % 8;
  if (rest == 0) {
    return true;
  }
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return ((a[whole] ^ b[whole]) & mask) == 0;
}

}  // namespace

bool HostList::read_address(std::string_view text, AddressBytes& address, bool& is_v4) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  const std::string terminated(text);
  address = {};
  is_v4 = inet_pton(AF_INET, terminated.c_str(), &address[12]) == 1;
  if (is_v4) {
    address[10] = 0xff;
    address[11] = 0xff;
    return true;
  }
  return inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1;
}

Result<> HostList::add(std::string_view entry) {
  std::string_view text = entry;
  const bool listed = !text.starts_with('!');
  if (!listed) {
    text.remove_prefix(1);
  }
  AddressBytes ignored{};
  bool is_v4 = false;
  if (text.find('/') != std::string_view::npos || read_address(text, ignored, is_v4)) {
    return add_network(text, listed, entry);
  }
  const bool numeric = text.find(':') != std::string_view::npos ||
                       std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
  if (numeric || !is_host_name(text)) {
    return fail("'" + std::string(entry) +
                "' is not a host: use an address (192.0.2.7), a network (192.0.2.0/24), a name "
                "(mail.example.org) or a domain (.example.org), with ! in front for an exception");
  }
  names_.push_back({.name = to_lower(text), .listed = listed, .entry = std::string(entry)});
  return {};
}

Result<> HostList::add_network(std::string_view text, bool listed, std::string_view entry) {
  const std::size_t slash = text.find('/');
  Network network{.address = {}, .bits = 0, .listed = listed, .entry = std::string(entry)};
  bool is_v4 = false;
  if (!read_address(text.substr(0, slash), network.address, is_v4)) {
    return fail("'" + std::string(entry) +
                "' is not a network: what stands before / is not an "
                "address");
  }
  const std::size_t most = is_v4 ? 32 : 128;
  std::size_t bits = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, bits);
    if (error != std::errc{} || stop != end || bits > most) {
      return fail("'" + std::string(entry) + "' is not a network: what stands after / must be 0.." +
                  std::to_string(most));
    }
  }
  network.bits = bits + (is_v4 ? v4_offset : 0);
  // The longest prefix first, exceptions first among equals: the first that fits decides.
  const auto place = std::ranges::find_if(networks_, [&network](const Network& other) {
    return other.bits < network.bits ||
           (other.bits == network.bits && other.listed && !network.listed);
  });
  networks_.insert(place, std::move(network));
  return {};
}

const HostList::Name* HostList::find_name(std::string_view name) const {
  const Name* found = nullptr;
  for (const Name& candidate : names_) {
    if (candidate.name == name && (found == nullptr || !candidate.listed)) {
      found = &candidate;
    }
  }
  return found;
}

HostList::Match HostList::match(std::string_view name, std::string_view address) const {
  if (!names_.empty() && !name.empty() && !name.starts_with('[')) {
    if (name.ends_with('.')) {
      name.remove_suffix(1);
    }
    const std::string lower = to_lower(name.substr(0, longest_name));
    std::string_view rest = lower;
    while (!rest.empty()) {
      if (const Name* found = find_name(rest)) {
        return {.listed = found->listed, .entry = found->entry};
      }
      const std::size_t dot = rest.find('.', 1);
      rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot);
    }
  }
  AddressBytes bytes{};
  bool is_v4 = false;
  if (read_address(address, bytes, is_v4)) {
    for (const Network& network : networks_) {
      if (same_prefix(network.address, bytes, network.bits)) {
        return {.listed = network.listed, .entry = network.entry};
      }
    }
  }
  return {};
}

}  // namespace milterd
