#pragma once
/// Lists in one value.

#include <string>
#include <string_view>
#include <vector>

namespace milterd {

/// The pieces of a list with `separator`, without blanks around them; empty ones are dropped.
std::vector<std::string> split_list(std::string_view text, char separator);

}  // namespace milterd
