#pragma once
/// "did you mean ...?"

#include <optional>
#include <span>
#include <string_view>

namespace milterd {

/// The word of `known` that `word` is most likely a slip of: the fewest letters to insert, drop,
/// change or swap, the first of several. None where even that is more than a third of the letters
/// (one is always allowed). Upper and lower case are the same.
std::optional<std::string_view> nearest_word(std::string_view word,
                                             std::span<const std::string_view> known);

}  // namespace milterd
