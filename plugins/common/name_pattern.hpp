#pragma once
/// One key of a "refile:" table.

#include <optional>
#include <string>
#include <string_view>

#include "milterd/result.hpp"
#include "plugins/common/posix_regex.hpp"

namespace milterd {

/// As opendkim understands it: "*" is any text, "." and "+" are themselves, everything else that
/// POSIX extended regular expressions know ("[", "(", "|", "?", "{", "^", "$", "\") works as there;
/// the whole name has to fit. Letter case does not matter. Thread-safe. A match takes time in
/// proportion to the name's length; a name of more than 1,000 bytes never fits.
class NamePattern {
 public:
  /// Error: what regcomp(3) says.
  static Result<NamePattern> compile(std::string_view pattern);
  bool matches(std::string_view name) const;
  const std::string& text() const { return text_; }

 private:
  NamePattern(std::string text, std::optional<PosixRegex> regex);

  std::string text_;
  std::optional<PosixRegex> regex_;  ///< Empty where text_ has no other wildcard than "*".
};

}  // namespace milterd
