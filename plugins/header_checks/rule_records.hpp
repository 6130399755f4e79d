#pragma once
/// The rules that acted on one message, for the log and for reports.

#include <cstddef>
#include <string>
#include <vector>

#include "plugins/header_checks/action.hpp"
#include "plugins/header_checks/rule_lookup.hpp"

namespace milterd::header_checks {

struct RuleMatch {
  std::string table;  ///< "" for a limit of the MIME parser, which is no rule.
  std::size_t line = 0;
  RuleAction::Kind kind = RuleAction::Kind::none;
  Check check = Check::header;
  std::string subject;  ///< The header field or body line, cut.
  std::string text;     ///< What the rule says behind the action.

  /// "table:line"
  std::string place() const { return table.empty() ? "" : table + ":" + std::to_string(line); }
};

/// Bounded: a rule that warns of each of 10,000 fields must not fill memory and disk.
class RuleRecords {
 public:
  void add(RuleMatch match);
  /// Only the first of each rule is kept.
  void add(RuleFault fault);

  const std::vector<RuleMatch>& matches() const { return matches_; }
  /// Rules that acted beyond those in matches().
  std::size_t left_out() const { return left_out_; }
  const std::vector<RuleFault>& faults() const { return faults_; }

 private:
  std::vector<RuleMatch> matches_;
  std::size_t left_out_ = 0;
  std::vector<RuleFault> faults_;
};

}  // namespace milterd::header_checks
