#pragma once
/// A configuration file of another program.

#include <string>

#include "milterd/result.hpp"

namespace milterd {

/// The whole text. Error: it cannot be read, is no regular file, or is larger than 1 MiB.
Result<std::string> read_import_file(const std::string& path);

}  // namespace milterd
