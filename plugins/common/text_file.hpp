#pragma once
/// Small files, read whole.

#include <cstddef>
#include <string>

#include "milterd/result.hpp"

namespace milterd {

/// Error: "cannot read 'PATH': why", also where it is no regular file or larger than `largest`
/// bytes.
Result<std::string> read_text_file(const std::string& path, std::size_t largest);

}  // namespace milterd
