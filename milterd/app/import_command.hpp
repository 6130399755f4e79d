#pragma once
/// --import-opendkim and --import-clamav.

#include <string>

namespace milterd {

/// Prints the milterd.toml made from the opendkim.conf at `path`, and on standard error what is
/// refused. Returns the exit status: 0, 66 where it cannot be read, 78 where something is refused.
int run_import_opendkim(const std::string& path);

/// The same for a clamd.conf and a clamav-milter.conf; "-" is none.
int run_import_clamav(const std::string& clamd_path, const std::string& milter_path);

}  // namespace milterd
