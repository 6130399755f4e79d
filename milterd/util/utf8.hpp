#pragma once
/// UTF-8 as bytes of unknown origin (RFC 3629).

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace milterd {

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  ///< In bytes, 1..4; 0 where no valid sequence begins here.
};

/// What stands at the beginning of `bytes`, which is not empty. Overlong forms, surrogates and what
/// lies beyond U+10FFFF are not valid.
CodePoint first_code_point(std::string_view bytes);

/// True for what a terminal or a log reader may act on instead of showing it: C0 and C1 controls,
/// DEL, line and paragraph separators, and the marks that turn the direction of writing.
bool acts_on_display(char32_t code_point);

/// The longest piece of at most `limit` bytes from the beginning that does not cut a sequence.
std::string_view cut_utf8(std::string_view text, std::size_t limit);

}  // namespace milterd
