#include "plugins/header_checks/rule_lookup.hpp"

#include <utility>

#include "plugins/header_checks/rfc2047.hpp"

namespace milterd::header_checks {

Result<std::optional<RuleHit>> find_rule(const TableList& tables, std::string_view key,
                                         bool is_header, std::vector<RuleFault>& faults) {
  std::optional<std::string> decoded;
  std::vector<LookupFault> table_faults;
  for (const TableUse& use : tables) {
    const bool decodes = use.decode && is_header;
    if (decodes && !decoded) {
      decoded = decode_header(key);
    }
    std::optional<Match> match =
        use.table->find(decodes ? std::string_view(*decoded) : key, table_faults);
    for (LookupFault& fault : table_faults) {
      faults.push_back({use.table.get(), fault.line, std::move(fault.text)});
    }
    table_faults.clear();
    if (!match) {
      continue;
    }
    const std::size_t line = use.table->line_of(match->rule);
    if (match->text.empty()) {
      return fail("the rule at " + place_of(*use.table, line) +
                  " gives an empty result; write DUNNO if it is to do nothing");
    }
    return RuleHit{use.table.get(), line, std::move(match->text)};
  }
  return std::nullopt;
}

std::string place_of(const Table& table, std::size_t line) {
  return line == 0 ? table.name() : table.name() + ":" + std::to_string(line);
}

}  // namespace milterd::header_checks
