#pragma once
/// Tests that stand in a table itself: "# expect: Subject: buy now => REJECT".

#include <string_view>
#include <vector>

#include "plugins/header_checks/table.hpp"

namespace milterd::header_checks {

/// The comments "# expect: KEY => ACTION" of a table's text. The last " => " separates; in KEY "\n"
/// stands for a line end, "\t" for a tab and "\\" for a backslash. One without a separator has an
/// empty action.
std::vector<Table::Expectation> parse_expectations(std::string_view text);

/// What does not hold, in line order. A word alone, "REJECT", is any REJECT; with text behind it
/// the whole result must be the same. "none": no rule matches; "DUNNO": none, or one that says
/// DUNNO or OK. `decode`: keys go through decode_header() first, as the stage does it for this
/// table.
std::vector<TableFault> check_expectations(const Table& table, bool decode = false);

}  // namespace milterd::header_checks
