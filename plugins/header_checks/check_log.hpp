#pragma once
/// The log lines of rules, in the shape of Postfix's.

#include <cstddef>
#include <string>
#include <string_view>

#include "milterd/transaction.hpp"
#include "plugins/header_checks/rule_records.hpp"

namespace milterd::header_checks {

/// What of the records has been logged already.
struct LoggedSoFar {
  std::size_t matches = 0, faults = 0;
  bool left_out = false;
};

/// One line for each rule that acted since the last call, and one warning for each rule that has a
/// fault. Event names are Postfix's words: "reject", "warning", ... and "milter-header-reject" for
/// milter_header_checks. `recipient` as last_recipient() was before any rule changed the envelope.
void write_log(Transaction& transaction, std::string_view recipient, const RuleRecords& records,
               LoggedSoFar& logged);

/// The one that Postfix logs; "" if there is none.
std::string last_recipient(const Transaction& transaction);

}  // namespace milterd::header_checks
