#pragma once
/// Where a table's text comes from.

#include <string>
#include <string_view>

#include "milterd/result.hpp"

namespace milterd::header_checks {

struct TableSource {
  std::string name;  ///< A path, or "inline table".
  std::string text;  ///< At most 64 MiB.
};

/// Reads what Table::open() takes. Error: it cannot be read, is not well formed, or is of a type
/// that is not supported, with what to do.
Result<TableSource> read_table_source(std::string_view specification);

}  // namespace milterd::header_checks
