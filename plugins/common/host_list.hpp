#pragma once
/// Lists of hosts as mail administrators write them: addresses, networks, names, exceptions.

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "milterd/result.hpp"
#include "plugins/common/host_entry.hpp"

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

  /// Takes "192.0.2.7", "2001:db8::7", "[2001:db8::7]", "192.0.2.0/24", "192.0.2.*",
  /// "mail.example.org", ".example.org" or "*.example.org" (every host below it, not itself), "*"
  /// (everybody), each also with "!" in front (not listed). Letter case and host bits beyond a
  /// prefix do not matter. Error: what is wrong with the entry.
  Result<> add(std::string_view entry);

  bool empty() const { return names_.empty() && networks_.empty(); }

  /// `name` is the client's verified host name, or "" or "[address]" where it has none; `address`
  /// is in text form. An address that cannot be read matches no network.
  Match match(std::string_view name, std::string_view address) const;

 private:
  struct Entry {
    bool listed;
    std::string text;
  };

  std::map<std::string, Entry, std::less<>> names_;  ///< Of hosts; suffixes have a leading dot.
  /// By the length of their prefix, longest first.
  std::map<std::size_t, std::map<AddressBytes, Entry>, std::greater<>> networks_;
};

}  // namespace milterd
