#pragma once
/// What the pipeline decided about one message. Log line, report and the MTA's answer are views of
/// it.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "milterd/modification.hpp"
#include "milterd/verdict.hpp"

namespace milterd {

struct StageOutcome {
  enum class Kind : std::uint8_t { verdict, skipped, error };
  Kind kind = Kind::skipped;
  Action action = Action::proceed;  ///< What counted: for an error its on_error.
  std::string reason;
  std::chrono::nanoseconds time{};
};

/// The word of a stage's result: "continue", ..., "skipped", "error".
const char* to_string(const StageOutcome& outcome);

struct Outcome {
  /// proceed, reject, tempfail, discard or quarantine.
  Action action = Action::proceed;
  std::optional<Reply> reply;             ///< Always set for reject and tempfail.
  std::optional<std::size_t> decided_by;  ///< The stage; none where a limit of the host decided.
  std::string reason;
  std::vector<StageOutcome> stages;  ///< One per stage of the pipeline, in order.
  /// In the order in which the MTA gets them; empty where the message is refused.
  std::vector<Modification> modifications;
  std::vector<std::pair<std::string, std::string>> notes;
  std::chrono::nanoseconds time{};
};

}  // namespace milterd
