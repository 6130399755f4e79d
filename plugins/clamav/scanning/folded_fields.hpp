#pragma once
/// Guards against one way to keep libclamav busy for hours.

#include <string>
#include <string_view>

namespace milterd::clamav {

/// True: `file`, taken for a message, has a part whose header field is folded into so many lines
/// that libclamav takes seconds to join them. It looks through the whole field for every line, and
/// not at the time: 120,000 lines (0.8 MiB) take 16 s, ten times as many half an hour.
bool folds_without_end(std::string_view file);

/// `file` without most lines of such fields, so that the rest of it can be scanned.
std::string without_long_fields(std::string_view file);

}  // namespace milterd::clamav
