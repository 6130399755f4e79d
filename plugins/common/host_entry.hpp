#pragma once
/// One entry of a list of hosts.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"

namespace milterd {

/// IPv4 as ::ffff:a.b.c.d, so that both spellings of one host are the same.
using AddressBytes = std::array<std::uint8_t, 16>;

/// "192.0.2.7", "2001:db8::7", either also in [].
bool read_address(std::string_view text, AddressBytes& address);

/// All but the first `bits` set to 0.
AddressBytes masked(const AddressBytes& address, std::size_t bits);

/// A host name or a domain suffix, or else networks.
struct HostEntry {
  struct Network {
    AddressBytes address;  ///< Host bits are 0.
    std::size_t bits;      ///< Of 128.
  };
  bool listed = true;             ///< False with "!" in front.
  std::string name;               ///< Lower case; a domain suffix has its leading dot.
  std::vector<Network> networks;  ///< One, but two for "*".
};

/// Takes what HostList::add() takes. Error: what is wrong with it.
Result<HostEntry> parse_host_entry(std::string_view text);

/// What an administrator should know of an entry that parse_host_entry() took: that opendkim would
/// never match it and what it means here, or that it means everybody; else "". `is_pattern`: it
/// comes from a "refile:", where opendkim takes "*" for any text.
std::string remark_on_host_entry(std::string_view text, bool is_pattern);

}  // namespace milterd
