#pragma once
/// What a text must contain so that a pattern can match it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace milterd::header_checks {

/// Pieces in lower case, each of which stands, in some letter case, in every text that `pattern`
/// matches. `options` are PCRE2's. None where the pattern is not simple enough to tell: whoever
/// reads it wrongly would wave mail through.
std::vector<std::string> required_text(std::string_view pattern, std::uint32_t options);

}  // namespace milterd::header_checks
