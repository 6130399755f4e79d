#pragma once
/// One connection of the MTA, from its negotiation to its end.

#include <libmilter/mfapi.h>
#include <memory>
#include <optional>
#include <string_view>

#include "milterd/cancellation.hpp"
#include "milterd/mta/negotiation.hpp"
#include "milterd/pipeline/pipeline_session.hpp"
#include "milterd/session.hpp"

namespace milterd {

/// libmilter keeps a pointer to it for us. Used by one thread at a time.
struct Connection final : MacroSource {
  Connection(SMFICTX* libmilter_context, std::shared_ptr<const Pipeline> current)
      : context(libmilter_context), pipeline(std::move(current)) {}

  std::string_view macro(const char* name) const override {
    // It only reads the name, but its parameter is not const.
    const char* value = smfi_getsymval(context, const_cast<char*>(name));
    return value == nullptr ? std::string_view{} : value;
  }

  SMFICTX* context;
  std::shared_ptr<const Pipeline> pipeline;  ///< In force when the connection was negotiated.
  Cancellation cancellation;  ///< Of what its session works on; any thread may call it.
  Negotiated negotiated;
  bool over_limit = false;                 ///< One session too many: it only gets a refusal.
  bool broken = false;                     ///< Something was thrown: it only gets refusals.
  bool counted_as_busy = false;            ///< In Connections::busy().
  std::optional<PipelineSession> session;  ///< From the connect event on.
};

}  // namespace milterd
