#pragma once
/// Lists of hosts as mail administrators write them: addresses, networks, names, exceptions.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"

namespace milterd {

/// The more precise entry decides: a name before an address, a host name before the domains above
/// it, a longer prefix before a shorter one; of two alike the one with "!". This is what opendkim
/// does with its InternalHosts, so its lists mean the same here.
class HostList {
 public:
  struct Match {
    bool listed = false;
    std::string_view entry;  ///< As written, the one that decided; "" where none fits.
  };

  /// Takes "192.0.2.7", "2001:db8::7", "[2001:db8::7]", "192.0.2.0/24", "mail.example.org",
  /// ".example.org" (every host below it, not itself), each also with "!" in front (not listed).
  /// Letter case and host bits beyond a prefix do not matter. Error: what is wrong with the entry.
  Result<> add(std::string_view entry);

  bool empty() const { return names_.empty() && networks_.empty(); }

  /// `name` is the client's verified host name, or "" or "[address]" where it has none; `address`
  /// is in text form. An address that cannot be read matches no network.
  Match match(std::string_view name, std::string_view address) const;

 private:
  /// IPv4 as ::ffff:a.b.c.d, so that both spellings of one host are the same.
  using AddressBytes = std::array<std::uint8_t, 16>;

  struct Name {
    std::string name;  ///< Lower case; a domain suffix keeps its leading dot.
    bool listed;
    std::string entry;
  };
  struct Network {
    AddressBytes address;
    std::size_t bits;  ///< Of 128.
    bool listed;
    std::string entry;
  };

  Result<> add_network(std::string_view text, bool listed, std::string_view entry);
  const Name* find_name(std::string_view name) const;
  static bool read_address(std::string_view text, AddressBytes& address, bool& is_v4);

  std::vector<Name> names_;
  std::vector<Network> networks_;
};

}  // namespace milterd
