#pragma once
/// Regular expressions as regcomp(3) reads them.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "milterd/result.hpp"

namespace milterd {

/// Letter case does not matter, and any part of a text may fit. Back references are refused: they
/// take for ever on some texts. Thread-safe.
class PosixRegex {
 public:
  enum class Syntax : std::uint8_t { basic, extended };
  /// Error: what is wrong with `pattern`, in a few words.
  static Result<PosixRegex> compile(const std::string& pattern, Syntax syntax);
  /// Takes time in proportion to the text's length. A text of more than 1,000 bytes, or with a NUL
  /// in it, never fits.
  bool finds(std::string_view text) const;

 private:
  struct Compiled;
  explicit PosixRegex(std::shared_ptr<const Compiled> compiled);

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace milterd
