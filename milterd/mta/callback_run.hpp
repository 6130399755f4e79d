#pragma once
/// What every callback does around its own few lines: find the connection, let nothing be thrown
/// into libmilter, give no answer where none is waited for.

#include <exception>
#include <libmilter/mfapi.h>
#include <string_view>

#include "milterd/mta/callback_gate.hpp"
#include "milterd/mta/connection.hpp"
#include "milterd/mta/reply_writer.hpp"
#include "milterd/pipeline/pipeline_session.hpp"

namespace milterd {

/// To the log, as an error. `connection` may be null.
void log_failure(SharedState& state, const Connection* connection, std::string_view event,
                 std::string_view why);

/// The SMFIP_NR_* bit of an event: whoever agreed on it waits for no answer.
struct EventKind {
  std::string_view name;
  unsigned long no_reply = 0;
};
inline constexpr EventKind connect_event{"connect", SMFIP_NR_CONN};
inline constexpr EventKind helo_event{"helo", SMFIP_NR_HELO};
inline constexpr EventKind mail_event{"mail", SMFIP_NR_MAIL};
inline constexpr EventKind rcpt_event{"rcpt", SMFIP_NR_RCPT};
inline constexpr EventKind data_event{"data", SMFIP_NR_DATA};
inline constexpr EventKind header_event{"header", SMFIP_NR_HDR};
inline constexpr EventKind header_end_event{"header end", SMFIP_NR_EOH};
inline constexpr EventKind body_event{"body", SMFIP_NR_BODY};
inline constexpr EventKind message_event{"message"};
inline constexpr EventKind abort_event{"abort"};
inline constexpr EventKind close_event{"close"};

inline bool is_silent(const Connection& connection, const EventKind& event) {
  return (connection.negotiated.steps & event.no_reply) != 0;
}

/// For an event that cannot be served: the refusal comes with the next one that has an answer, at
/// the latest with the end of the message.
inline sfsistat refuse(const Connection& connection, const EventKind& event) {
  return is_silent(connection, event) ? SMFIS_NOREPLY : SMFIS_TEMPFAIL;
}

/// Runs `body` for the connection of `context`. Nothing that it throws goes on into libmilter,
/// which is C; and since part of an event is then missing, all that follows is refused. A
/// connection we do not know (the MTA reuses one after QUIT_NC without negotiating anew) cannot be
/// served, because what was agreed on is gone.
template <class Body>
sfsistat run(SMFICTX* context, const EventKind& event, Body&& body) noexcept {
  const CallbackVisit visit;
  SharedState* state = visit.state();
  auto* connection = static_cast<Connection*>(smfi_getpriv(context));
  if (state == nullptr || connection == nullptr) {
    return SMFIS_TEMPFAIL;
  }
  try {
    return body(*state, *connection);
  } catch (const std::exception& error) {
    log_failure(*state, connection, event.name, error.what());
  } catch (...) {
    log_failure(*state, connection, event.name, "unknown exception");
  }
  connection->broken = true;
  return refuse(*connection, event);
}

/// The same for the events that need a session.
template <class Body>
sfsistat run_session(SMFICTX* context, const EventKind& event, Body&& body) noexcept {
  return run(context, event, [&](SharedState& state, Connection& connection) -> sfsistat {
    if (!connection.session || connection.broken) {
      return refuse(connection, event);
    }
    const sfsistat status = body(state, connection, *connection.session);
    state.connections.recount(connection);
    return status;
  });
}

/// And for those that need a message in hand.
template <class Body>
sfsistat run_transaction(SMFICTX* context, const EventKind& event, Body&& body) noexcept {
  return run_session(
      context, event,
      [&](SharedState& state, Connection& connection, PipelineSession& session) -> sfsistat {
        return session.in_transaction() ? body(state, connection, session)
                                        : refuse(connection, event);
      });
}

/// What a silent event would be answered, the pipeline says again at the end of the message.
inline sfsistat answer(const Connection& connection, const EventKind& event, const Answer& answer) {
  return is_silent(connection, event)
             ? SMFIS_NOREPLY
             : write_answer(connection.context, answer.action, answer.reply);
}

}  // namespace milterd
