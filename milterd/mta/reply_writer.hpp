#pragma once
/// What the pipeline decided, said in libmilter's words.

#include <libmilter/mfapi.h>

#include "milterd/mta/negotiation.hpp"
#include "milterd/pipeline/outcome.hpp"
#include "milterd/pipeline/pipeline_session.hpp"
#include "milterd/result.hpp"

namespace milterd {

/// Sets the reply where `action` is a refusal. The SMFIS_* value for libmilter.
sfsistat write_answer(SMFICTX* context, Action action, const Reply& reply);

/// Sends the edits in the order in which the outcome has them. Only to be called in xxfi_eom.
/// Error: the edit that the MTA did not take; the message must get a temporary failure then, since
/// an MTA gives up all edits only with the message.
Result<> write_edits(SMFICTX* context, const Outcome& outcome, const std::string* new_body,
                     const Negotiated& negotiated);

}  // namespace milterd
