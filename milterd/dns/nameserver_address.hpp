#pragma once
/// The spelling of nameservers in the configuration.

#include <string>
#include <string_view>

#include "milterd/result.hpp"

namespace milterd {

/// "192.0.2.1", "192.0.2.1:5353", "2001:db8::1" or "[2001:db8::1]:53" as libunbound wants it:
/// "192.0.2.1@5353". Port 53 where none is given. Error: what the entry should look like; host
/// names are refused, since finding their address would need a nameserver first.
Result<std::string> unbound_address(std::string_view nameserver);

}  // namespace milterd
