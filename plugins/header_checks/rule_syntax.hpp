#pragma once
/// One logical line of a table, taken apart.

#include <cstdint>
#include <optional>
#include <string_view>

#include "plugins/header_checks/fault_list.hpp"
#include "plugins/header_checks/logical_lines.hpp"

namespace milterd::header_checks {

struct RuleSyntax {
  enum class Kind : std::uint8_t { match, begin_if, end_if };
  Kind kind = Kind::match;
  bool negated = false;
  std::uint32_t options = 0;  ///< PCRE2's, after the flags have toggled Postfix's defaults.
  std::string_view pattern;   ///< Between the delimiters, backslashes kept.
  std::string_view result;    ///< Of Kind::match.
};

/// Views into `line`. Nothing where the line is ignored, with a fault. `inside_if`: an "endif" may
/// stand here.
std::optional<RuleSyntax> parse_rule(const LogicalLine& line, bool inside_if, FaultList& faults);

}  // namespace milterd::header_checks
