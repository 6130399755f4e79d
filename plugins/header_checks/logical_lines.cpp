#include "plugins/header_checks/logical_lines.hpp"

#include <algorithm>

#include "plugins/header_checks/white_space.hpp"

namespace milterd::header_checks {

std::string_view LogicalLines::take_physical_line() {
  const auto end = std::min(rest_.find('\n'), rest_.size());
  auto line = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  ++number_;
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

LogicalLine LogicalLines::read() {
  LogicalLine logical;
  while (!rest_.empty()) {
    const auto line = take_physical_line();
    const auto content = trim_left(line);
    if (!content.empty() && content.front() != '#') {
      if (logical.text.empty()) {
        logical.number = number_;
      }
      logical.text += line;
    }
    const bool continued = !rest_.empty() && (rest_.front() == '#' || is_white(rest_.front()));
    if (!logical.text.empty() && !continued) {
      break;
    }
  }
  return logical;
}

std::optional<LogicalLine> LogicalLines::next(FaultList& faults) {
  for (;;) {
    auto logical = read();
    if (logical.text.empty()) {
      return std::nullopt;
    }
    if (!is_white(logical.text.front())) {
      return logical;
    }
    faults.add(logical.number, "a rule may not begin with white space; the line is ignored: " +
                                   shown(trim_left(logical.text)));
  }
}

}  // namespace milterd::header_checks
