#include "plugins/common/host_list.hpp"

#include <utility>

#include "milterd/ascii.hpp"

namespace milterd {

namespace {

constexpr std::size_t longest_name = 255;

/// Of two alike, the exception stays.
template <class Map, class Key, class Entry>
void put(Map& map, const Key& key, const Entry& entry) {
  const auto [found, is_new] = map.try_emplace(key, entry);
  if (!is_new && !entry.listed && found->second.listed) {
    found->second = entry;
  }
}

}  // namespace

Result<> HostList::add(std::string_view entry) {
  const auto parsed = parse_host_entry(entry);
  if (!parsed) {
    return std::unexpected(parsed.error());
  }
  const Entry kept{.listed = parsed->listed, .text = std::string(entry)};
  if (!parsed->name.empty()) {
    put(names_, parsed->name, kept);
  }
  for (const HostEntry::Network& network : parsed->networks) {
    put(networks_[network.bits], network.address, kept);
  }
  return {};
}

HostList::Match HostList::match(std::string_view name, std::string_view address) const {
  if (!names_.empty() && !name.empty() && !name.starts_with('[')) {
    if (name.ends_with('.')) {
      name.remove_suffix(1);
    }
    const std::string lower = to_lower(name.substr(0, longest_name));
    std::string_view rest = lower;
    while (!rest.empty()) {
      if (const auto found = names_.find(rest); found != names_.end()) {
        return {.listed = found->second.listed, .entry = found->second.text};
      }
      const std::size_t dot = rest.find('.', 1);
      rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot);
    }
  }
  AddressBytes bytes{};
  if (networks_.empty() || !read_address(address, bytes)) {
    return {};
  }
  for (const auto& [bits, networks] : networks_) {
    if (const auto found = networks.find(masked(bytes, bits)); found != networks.end()) {
      return {.listed = found->second.listed, .entry = found->second.text};
    }
  }
  return {};
}

}  // namespace milterd
