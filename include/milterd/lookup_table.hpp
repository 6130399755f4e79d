#pragma once
/// A table that a plugin can look keys up in, for --query-table.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"

namespace milterd {

class LookupTable {
 public:
  virtual ~LookupTable() = default;
  /// What the table answers. `warnings` get one line for each thing that went wrong on the way.
  virtual std::optional<std::string> find(std::string_view key,
                                          std::vector<std::string>& warnings) const = 0;
};

}  // namespace milterd
