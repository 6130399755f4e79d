#include "milterd/util/ascii.hpp"

#include <algorithm>

namespace milterd {

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return to_lower(a) == to_lower(b); });
}

}  // namespace milterd
