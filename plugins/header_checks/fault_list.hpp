#pragma once
/// The faults of a table while it is parsed.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/header_checks/table.hpp"

namespace milterd::header_checks {

/// Keeps the first ones of a file that is no table at all from filling the memory.
class FaultList {
 public:
  explicit FaultList(std::vector<TableFault>& faults) : faults_(faults) {}

  /// Keeps line order, however faults are found.
  void add(std::size_t line, std::string text);
  /// Call once, at the end.
  void finish();

 private:
  std::vector<TableFault>& faults_;
  std::size_t left_out_ = 0;
};

/// `text` for a message: quoted, cut, no control characters.
std::string shown(std::string_view text);

}  // namespace milterd::header_checks
