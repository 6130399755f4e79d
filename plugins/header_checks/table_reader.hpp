#pragma once
/// Reads the tables that a stage names, each once, and looks at what their rules ask for.

#include <bitset>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/section.hpp"
#include "milterd/stage.hpp"
#include "plugins/header_checks/action.hpp"
#include "plugins/header_checks/rule_lookup.hpp"

namespace milterd::header_checks {

/// By RuleAction::Kind: what rules may ask for.
using ActionSet = std::bitset<16>;

class TableReader {
 public:
  /// `strict`: faults of rules are errors, not warnings. `load`: Load::check runs the tables' own
  /// tests as well.
  TableReader(Section& section, Table::Options options, bool strict, Load load)
      : section_(section), options_(options), strict_(strict), load_(load) {}

  /// The tables of a key, for this check. Faults go to the section, those of a table that stands in
  /// several keys once.
  TableList read(Check check, const std::vector<std::string>& elements, ActionSet& actions);

 private:
  struct Opened {
    std::shared_ptr<const Table> table;  ///< Null if it cannot be opened.
    std::bitset<2> tested;               ///< Its own tests have run: with plain, with decoded keys.
    std::map<Check, ActionSet> actions;  ///< Of rules, as far as they were looked at.
  };
  Opened& open(std::string_view key, const std::string& specification);
  void check_actions(Check check, Opened& opened);
  void run_tests(std::string_view key, Opened& opened, bool decode);
  void tell(std::string_view key, const std::string& text);

  Section& section_;
  Table::Options options_;
  bool strict_;
  Load load_;
  std::map<std::string, Opened, std::less<>> opened_;
  std::set<std::string> misread_;  ///< What names no table, and was told.
};

}  // namespace milterd::header_checks
