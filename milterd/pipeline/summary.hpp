#pragma once
/// The one log line of a message.

#include <string_view>

#include "milterd/log.hpp"
#include "milterd/message/transaction_state.hpp"
#include "milterd/pipeline/outcome.hpp"
#include "milterd/pipeline/pipeline.hpp"

namespace milterd {

/// Event "message" with what Postfix's own lines call client=, from=, to=, nrcpt=, size=; then
/// verdict=, decided_by=, reply=, reason=, stage.NAME=RESULT/TIME for each stage, the stages'
/// notes, edits=, ms=.
void write_summary(Logger& log, const Pipeline& pipeline, const TransactionState& transaction,
                   const Outcome& outcome);

/// "mx.example.org[192.0.2.7]"; "unknown[192.0.2.7]" where the client has no name, as in Postfix's
/// log.
std::string client_of(const Session& session);

/// "550 5.7.1 text | more text"
std::string one_line(const Reply& reply);

}  // namespace milterd
