#pragma once
/// What the client hears where no stage said anything better.

#include <optional>
#include <string>

#include "milterd/config/config.hpp"
#include "milterd/message/transaction_state.hpp"
#include "milterd/verdict.hpp"

namespace milterd {

/// `given` if it fits the action (5xx for reject, 4xx for tempfail), else a text of the host.
Reply reply_for(Action action, const std::optional<Reply>& given);

/// A stage failed and its on_error refuses.
Reply failure_reply(Action on_error);

/// A limit of the host: what the message gets, and in which words.
struct ExcessAnswer {
  Action action;
  std::optional<Reply> reply;  ///< Set for reject and tempfail.
  std::string reason;
};
ExcessAnswer answer_for(Excess excess, const Limits& limits, const std::string& storage_reason);

}  // namespace milterd
