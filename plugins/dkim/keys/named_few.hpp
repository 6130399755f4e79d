#pragma once
/// Long lists in texts for people.

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace milterd::dkim {

/// "a, b, c, d, e and 12 more"
inline std::string named_few(const std::vector<std::string>& items) {
  constexpr std::size_t most = 5;
  std::string text;
  const std::size_t named = std::min(items.size(), most);
  for (std::size_t i = 0; i < named; ++i) {
    text += (i == 0 ? "" : ", ") + items[i];
  }
  if (items.size() > named) {
    text += " and " + std::to_string(items.size() - named) + " more";
  }
  return text;
}

}  // namespace milterd::dkim
