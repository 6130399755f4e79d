#pragma once
/// Files that are written once.

#include <string>
#include <string_view>
#include <sys/types.h>

#include "milterd/result.hpp"

namespace milterd::dkim {

/// Makes the file with `mode` and writes it to the disk; never half of it, and never through a
/// symbolic link. Error: it exists already and `replace` is false, or the system refused.
Result<> write_new_file(const std::string& path, mode_t mode, std::string_view text, bool replace);

}  // namespace milterd::dkim
