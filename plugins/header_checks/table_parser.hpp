#pragma once
/// The text of a table, made ready for look-ups.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"
#include "plugins/header_checks/fault_list.hpp"
#include "plugins/header_checks/pattern.hpp"
#include "plugins/header_checks/prefilter.hpp"
#include "plugins/header_checks/result_template.hpp"

namespace milterd::header_checks {

/// A pattern to be tried: a rule's, or that of an "if".
struct Step {
  static constexpr std::uint32_t is_if = UINT32_MAX;

  Pattern pattern;
  std::uint32_t line = 0;
  std::uint32_t rule = is_if;  ///< Index of the rule.
  bool negated = false;
};

/// Of each step, what most look-ups need of it: kept together, since a look-up passes by all.
struct StepGate {
  Prefilter prefilter;
  std::uint32_t otherwise = 0;  ///< The step to go on with where this one does not hold.
};

struct Rule {
  std::size_t line = 0;
  ResultTemplate result;
};

struct ParsedTable {
  std::vector<Step> steps;
  std::vector<StepGate> gates;  ///< As many as steps.
  std::vector<Rule> rules;
  std::size_t most_groups = 0;  ///< Of any pattern.
};

/// Faulty lines are left out, as Postfix does it, and told in `faults`. Error: too many rules.
Result<ParsedTable> parse_table(std::string_view text, const Table::Options& options,
                                FaultList& faults);

}  // namespace milterd::header_checks
