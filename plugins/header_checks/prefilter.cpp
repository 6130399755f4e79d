#include "plugins/header_checks/prefilter.hpp"

#include <algorithm>
#include <vector>

#include "milterd/ascii.hpp"

namespace milterd::header_checks {
namespace {

/// Calls `use` with the hash of every three characters in a row.
template <class Use>
void for_each_trigram(std::string_view text, Use use) {
  constexpr std::uint32_t multiplier = 0x9E37'79B1;
  std::uint32_t window = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    window = (window << 8U | static_cast<unsigned char>(to_lower(text[at]))) & 0xFF'FFFFU;
    if (at >= 2) {
      use(static_cast<TrigramHash>(window * multiplier >> 17U));
    }
  }
}

}  // namespace

void KeyTrigrams::assign(std::string_view key) {
  present_.reset();
  present_[0] = true;
  for_each_trigram(key, [this](TrigramHash hash) { present_[hash] = true; });
}

Prefilter::Prefilter(std::span<const std::string> pieces) {
  std::vector<TrigramHash> all;
  for (const auto& piece : pieces) {
    for_each_trigram(piece, [&all](TrigramHash hash) { all.push_back(hash); });
  }
  // Spread, the last one first: patterns often begin alike, with the name of a header.
  const std::size_t count = std::min(all.size(), needed_.size());
  for (std::size_t n = 0; n < count; ++n) {
    needed_[n] = all[all.size() - 1 - (count == 1 ? 0 : n * (all.size() - 1) / (count - 1))];
  }
}

}  // namespace milterd::header_checks
