#pragma once
/// Zip archives that libclamav can only open in part.

#include <string_view>

namespace milterd::clamav {

/// True: `file` is a zip archive with a member packed in a way (LZMA, PPMd, Zstandard and so on)
/// that libclamav does not know. It passes over such members and calls the archive clean. An
/// encrypted member does not count: of those it tells.
bool has_unknown_method(std::string_view file);

}  // namespace milterd::clamav
