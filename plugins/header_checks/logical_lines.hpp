#pragma once
/// Lines as Postfix's tables have them: a line that begins with white space continues the one
/// before.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/header_checks/fault_list.hpp"

namespace milterd::header_checks {

struct LogicalLine {
  std::size_t number = 0;  ///< Of its first physical line, from 1.
  std::string text;        ///< Joined as it stands, leading white space included; never empty.
};

/// Leaves out comments and lines of white space, in the middle of a logical line too. A CR before a
/// line's end belongs to that end: where a line is continued Postfix would keep it.
class LogicalLines {
 public:
  /// `text` outlives this.
  explicit LogicalLines(std::string_view text) : rest_(text) {}

  /// Nothing at the end. A line that begins with white space and has nothing to continue is a fault
  /// and left out.
  std::optional<LogicalLine> next(FaultList& faults);

 private:
  LogicalLine read();
  std::string_view take_physical_line();

  std::string_view rest_;
  std::size_t number_ = 0;
};

}  // namespace milterd::header_checks
