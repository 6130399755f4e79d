#pragma once
/// A table as --query-table asks it; what Plugin::open_table of this plugin is.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/lookup_table.hpp"
#include "milterd/result.hpp"

namespace milterd::header_checks {

/// Answers as `postmap -q` does: an empty key is looked up like any other. Warnings are
/// "TABLE:LINE: text". Error: as Table::open().
Result<std::unique_ptr<LookupTable>> open_lookup_table(std::string_view specification,
                                                       std::vector<std::string>& warnings);

}  // namespace milterd::header_checks
