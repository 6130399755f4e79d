#pragma once
/// Which strings can be asked for at all.

#include <string_view>

namespace milterd {

/// True for an absolute domain name that DNS can hold: labels of 1 to 63 bytes, 253 bytes in all
/// (RFC 1035 section 2.3.4), one dot at the end or none, printable ASCII only. A backslash is not
/// allowed: libunbound would read it as an escape.
bool is_domain_name(std::string_view name);

}  // namespace milterd
