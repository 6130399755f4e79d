#pragma once
/// --import-opendkim.

#include <string>

namespace milterd {

/// Prints the milterd.toml made from the opendkim.conf at `path`, and on standard error what is
/// refused. Returns the exit status: 0, 66 where it cannot be read, 78 where something is refused.
int run_import(const std::string& path);

}  // namespace milterd
