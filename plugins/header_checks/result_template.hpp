#pragma once
/// The result of a rule: text with the pattern's groups in it.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/header_checks/fault_list.hpp"

namespace milterd::header_checks {

/// "$n", "${n}" and "$(n)" are groups, "$$" is "$".
class ResultTemplate {
 public:
  /// Nothing where it cannot be used; the faults say why, the last one that the rule is ignored.
  static std::optional<ResultTemplate> parse(std::string_view text, std::size_t line,
                                             FaultList& faults);

  const std::string& text() const { return text_; }  ///< As written.
  /// The largest n; 0 where there is none.
  std::size_t highest_group() const { return highest_group_; }
  /// `offsets` are PCRE2's: begin and end of every group. A group that did not take part is empty.
  std::string expand(std::string_view key, std::span<const std::size_t> offsets) const;

 private:
  struct Piece {
    std::string literal;
    std::size_t group = 0;  ///< Behind the literal; 0: none.
  };

  std::string text_;
  std::vector<Piece> pieces_;  ///< Empty: `text_` is the result.
  std::size_t highest_group_ = 0;
};

}  // namespace milterd::header_checks
