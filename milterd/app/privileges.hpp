#pragma once
/// Root at the start, an ordinary user afterwards.

#include <string>

#include "milterd/result.hpp"

namespace milterd {

/// Becomes `user` with its groups, for good, when this process is root; "" changes nothing. A
/// process that is not root stays what it is. Before any thread starts. Error: there is no such
/// user, or the system refuses.
Result<> drop_privileges(const std::string& user);

bool is_root();

}  // namespace milterd
