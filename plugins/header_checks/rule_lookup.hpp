#pragma once
/// The tables of one of Postfix's parameters, asked one after the other.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"
#include "plugins/header_checks/table.hpp"

namespace milterd::header_checks {

struct TableUse {
  std::shared_ptr<const Table> table;
  bool decode = false;  ///< Keys that are header fields go through decode_header() first.
};

/// The rule that decided, and what it said.
struct RuleHit {
  const Table* table;
  std::size_t line;
  std::string result;
};

/// A rule that could not be asked.
struct RuleFault {
  const Table* table;
  std::size_t line;
  std::string text;
};

using TableList = std::vector<TableUse>;

/// The first match of the first table that has one. Error: a rule's result is empty, which Postfix
/// takes for a broken table, and the message is not accepted.
Result<std::optional<RuleHit>> find_rule(const TableList& tables, std::string_view key,
                                         bool is_header, std::vector<RuleFault>& faults);

/// "/etc/milterd/header_checks.pcre:12"; without a number for line 0, the table as a whole.
std::string place_of(const Table& table, std::size_t line);

}  // namespace milterd::header_checks
