#include "plugins/header_checks/rule_records.hpp"

#include <algorithm>
#include <utility>

namespace milterd::header_checks {
namespace {

constexpr std::size_t most_matches = 1'000;
constexpr std::size_t most_faults = 100;

}  // namespace

void RuleRecords::add(RuleMatch match) {
  if (matches_.size() < most_matches) {
    matches_.push_back(std::move(match));
  } else {
    ++left_out_;
  }
}

void RuleRecords::add(RuleFault fault) {
  const bool is_known = std::ranges::any_of(faults_, [&](const RuleFault& other) {
    return other.table == fault.table && other.line == fault.line;
  });
  if (!is_known && faults_.size() < most_faults) {
    faults_.push_back(std::move(fault));
  }
}

}  // namespace milterd::header_checks
