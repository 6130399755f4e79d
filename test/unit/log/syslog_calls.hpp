#pragma once
/// What the process would have told syslog. Takes the place of the C library's functions.

#include <string>
#include <vector>

namespace milterd {

/// "open IDENT FACILITY", "PRIORITY TEXT", "close"; in order.
std::vector<std::string>& syslog_calls();

}  // namespace milterd
