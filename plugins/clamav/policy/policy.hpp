#pragma once
/// What is done with a message, by what its scan found.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/section.hpp"
#include "milterd/verdict.hpp"
#include "plugins/clamav/scanning/scan_result.hpp"
#include "plugins/common/name_pattern.hpp"

namespace milterd::clamav {

/// How the refusal of an infected message reads.
struct RefusalText {
  std::string message = "Infected with %v";  ///< A template: see reject_message.hpp.
  int code = 550;
  std::string enhanced_code = "5.7.1";
};

struct Policy {
  /// [[stage.action]]: for signatures whose name fits.
  struct Rule {
    NamePattern pattern;
    Action action;
    RefusalText refusal;
  };
  /// The reasons that lie in the message: those before Unscanned::no_database.
  static constexpr std::size_t message_reasons = static_cast<std::size_t>(Unscanned::no_database);

  Action on_infected = Action::reject;
  Action on_clean = Action::accept;
  Action on_fail = Action::tempfail;  ///< There is nothing to scan with, or the scan failed.
  std::array<Action, message_reasons> on_unscanned = [] {
    std::array<Action, message_reasons> all{};
    all.fill(Action::accept);
    return all;
  }();
  RefusalText refusal;
  std::vector<Rule> rules;

  /// What a message gets that was not scanned.
  Action action_for(Unscanned reason) const {
    return scanner_failed(reason) ? on_fail : on_unscanned.at(static_cast<std::size_t>(reason));
  }
  /// The first rule that fits; null where there is none.
  const Rule* rule_for(std::string_view signature) const;
  /// Whether some message may be quarantined.
  bool quarantines() const;
};

/// Faults go to the section.
Policy read_policy(Section& section);

}  // namespace milterd::clamav
