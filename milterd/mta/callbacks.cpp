#include "milterd/mta/callbacks.hpp"

#include <arpa/inet.h>
#include <exception>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>

#include "milterd/mta/callback_gate.hpp"
#include "milterd/mta/callback_run.hpp"
#include "milterd/mta/libmilter_log.hpp"
#include "milterd/mta/reply_writer.hpp"
#include "milterd/mta/wire_text.hpp"

namespace milterd {
namespace {

Reply too_busy() { return {421, "4.3.2", {"Too many sessions, try again later"}}; }
Reply stopping() { return {421, "4.3.2", {"Service is stopping, try again later"}}; }
Reply failed() { return {451, "4.3.0", {"Internal failure, try again later"}}; }

std::string address_text(const _SOCK_ADDR* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address != nullptr && address->sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  } else if (address != nullptr && address->sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text,
              sizeof text);
  }
  return text;
}

/// "<path>" and the ESMTP arguments after it, as libmilter splits them.
Address parse_arguments(char** arguments) {
  Address address;
  address.path = bare_path(arguments[0]);
  for (char** argument = arguments + 1; *argument != nullptr; ++argument) {
    address.esmtp_args += address.esmtp_args.empty() ? "" : " ";
    address.esmtp_args += *argument;
  }
  return address;
}

std::string hex(unsigned long bits) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789abcdef"[bits % 16]);
    bits /= 16;
  } while (bits != 0);
  return "0x" + text;
}

void ask_for_macros(SMFICTX* context, Negotiated& negotiated) {
  for (std::size_t place = 0; negotiated.asks_macros && place < negotiated.macros.size(); ++place) {
    (void)smfi_setsymlist(context, static_cast<int>(place), negotiated.macros[place].data());
  }
}

const Negotiated& begin_connection(SharedState& state, SMFICTX* context, const Offer& offer) {
  auto pipeline = state.pipeline.load();
  const auto limit = pipeline->limits().sessions;
  auto& connection =
      state.connections.add(std::make_unique<Connection>(context, std::move(pipeline)), limit);
  (void)smfi_setpriv(context, &connection);
  connection.negotiated = connection.over_limit ? negotiate_refusal(offer)
                                                : negotiate(connection.pipeline->needs(), offer);
  ask_for_macros(context, connection.negotiated);
  if (state.log.enabled(LogLevel::debug)) {
    state.log.debug("milter.negotiated", {{"offered_actions", hex(offer.actions)},
                                          {"offered_steps", hex(offer.steps)},
                                          {"actions", hex(connection.negotiated.actions)},
                                          {"steps", hex(connection.negotiated.steps)}});
  }
  return connection.negotiated;
}

sfsistat on_negotiate(SMFICTX* context, unsigned long actions, unsigned long steps, unsigned long,
                      unsigned long, unsigned long* wanted_actions, unsigned long* wanted_steps,
                      unsigned long* reserved2, unsigned long* reserved3) {
  const CallbackVisit visit;
  SharedState* state = visit.state();
  if (state == nullptr || smfi_getpriv(context) != nullptr) {
    return SMFIS_REJECT;
  }
  try {
    const Negotiated& negotiated = begin_connection(*state, context, {actions, steps});
    *wanted_actions = negotiated.actions;
    *wanted_steps = negotiated.steps;
    *reserved2 = *reserved3 = 0;
    return SMFIS_CONTINUE;
  } catch (const std::exception& error) {
    log_failure(*state, nullptr, "negotiate", error.what());
  } catch (...) {
    log_failure(*state, nullptr, "negotiate", "unknown exception");
  }
  return SMFIS_REJECT;
}

sfsistat on_connect(SMFICTX* context, char* name, _SOCK_ADDR* address) {
  return run(context, connect_event, [&](SharedState& state, Connection& connection) -> sfsistat {
    if (connection.over_limit) {
      state.log.warn("session.refused", {{"client", name}, {"reason", "too many sessions"}});
      return write_answer(context, Action::tempfail, too_busy());
    }
    Session facts{std::to_string(++state.sessions_begun), name, address_text(address), {}};
    PipelineSession::Settings settings{connection.pipeline, std::move(facts), connection, state.log,
                                       connection.negotiated.granted};
    settings.cancellation = &connection.cancellation;
    auto& session = connection.session.emplace(std::move(settings));
    return answer(connection, connect_event, session.connect());
  });
}

sfsistat on_helo(SMFICTX* context, char* name) {
  return run_session(
      context, helo_event, [&](SharedState&, Connection& connection, PipelineSession& session) {
        return answer(connection, helo_event, session.helo(name == nullptr ? "" : name));
      });
}

sfsistat on_mail(SMFICTX* context, char** arguments) {
  return run_session(context, mail_event,
                     [&](SharedState& state, Connection& connection, PipelineSession& session) {
                       if (state.draining.load()) {
                         session.refuse(stopping(), "milterd is stopping");
                       }
                       const auto given = session.mail(parse_arguments(arguments));
                       const auto status = answer(connection, mail_event, given);
                       if (status != SMFIS_CONTINUE && status != SMFIS_NOREPLY) {
                         session.end_transaction();  // No abort event follows on a refusal.
                       }
                       return status;
                     });
}

sfsistat on_rcpt(SMFICTX* context, char** arguments) {
  return run_transaction(
      context, rcpt_event, [&](SharedState&, Connection& connection, PipelineSession& session) {
        return answer(connection, rcpt_event, session.rcpt(parse_arguments(arguments)));
      });
}

sfsistat on_data(SMFICTX* context) {
  return run_transaction(context, data_event,
                         [&](SharedState&, Connection& connection, PipelineSession& session) {
                           const auto status = answer(connection, data_event, session.data());
                           if (status != SMFIS_CONTINUE && status != SMFIS_NOREPLY) {
                             session.end_transaction();
                           }
                           return status;
                         });
}

sfsistat on_header(SMFICTX* context, char* name, char* value) {
  (void)run_transaction(context, header_event,
                        [&](SharedState&, Connection& connection, PipelineSession& session) {
                          if (connection.negotiated.leading_space) {
                            session.header(name, value);
                          } else {
                            session.header(name, " " + std::string(value));
                          }
                          return SMFIS_CONTINUE;
                        });
  return SMFIS_NOREPLY;
}

sfsistat on_header_complete(SMFICTX* context) {
  (void)run_transaction(context, header_end_event,
                        [](SharedState&, Connection&, PipelineSession& session) {
                          session.header_complete();
                          return SMFIS_CONTINUE;
                        });
  return SMFIS_NOREPLY;
}

/// Not SMFIS_NOREPLY, though that was agreed on: libmilter also calls this for bytes that came with
/// the end of the message, and goes on to xxfi_eom only after SMFIS_CONTINUE. For a body chunk of
/// its own it sends nothing either way.
sfsistat on_body(SMFICTX* context, unsigned char* bytes, size_t size) {
  (void)run_transaction(context, body_event,
                        [&](SharedState&, Connection&, PipelineSession& session) {
                          session.body({reinterpret_cast<const char*>(bytes), size});
                          return SMFIS_CONTINUE;
                        });
  return SMFIS_CONTINUE;
}

sfsistat finish_message(SharedState& state, Connection& connection, PipelineSession& session) {
  const Outcome* outcome = nullptr;
  {
    const Progress::Turn turn(state.progress, [&connection] {
      if (smfi_progress(connection.context) == MI_SUCCESS) {
        return true;
      }
      connection.cancellation.cancel(CancelReason::client_gone);
      return false;
    });
    outcome = &session.message();
  }
  const auto edits = write_edits(connection.context, *outcome, session.transaction().new_body(),
                                 connection.negotiated);
  if (!edits) {
    session.delivery_failed(edits.error().message);
  }
  const auto status =
      edits ? write_answer(connection.context, outcome->action, outcome->reply.value_or(Reply{}))
            : write_answer(connection.context, Action::tempfail, failed());
  session.end_transaction();
  return status;
}

sfsistat on_message(SMFICTX* context) {
  return run_transaction(context, message_event, finish_message);
}

sfsistat on_abort(SMFICTX* context) {
  return run_session(context, abort_event, [](SharedState&, Connection&, PipelineSession& session) {
    session.end_transaction();
    return SMFIS_CONTINUE;
  });
}

/// Never wanted, but an MTA may be too old to be told so.
sfsistat on_unknown(SMFICTX*, const char*) { return SMFIS_NOREPLY; }

sfsistat on_close(SMFICTX* context) {
  (void)run(context, close_event, [&](SharedState& state, Connection& connection) -> sfsistat {
    (void)smfi_setpriv(context, nullptr);
    state.connections.remove(connection);
    return SMFIS_CONTINUE;
  });
  return SMFIS_CONTINUE;
}

}  // namespace

void log_failure(SharedState& state, const Connection* connection, std::string_view event,
                 std::string_view why) {
  const bool known = connection != nullptr && connection->session;
  state.log.error("milter.failed",
                  {{"session", known ? std::string_view(connection->session->facts().id) : ""},
                   {"milter_event", event},
                   {"reason", why},
                   {"effect", "answered with a temporary failure"}});
}

smfiDesc milter_description() {
  smfiDesc description{};
  // Only in front of libmilter's own log messages, which are known by it.
  description.xxfi_name = const_cast<char*>(libmilter_log_prefix);
  description.xxfi_version = SMFI_VERSION;
  description.xxfi_flags = SMFI_CURR_ACTS;
  description.xxfi_negotiate = on_negotiate;
  description.xxfi_connect = on_connect;
  description.xxfi_helo = on_helo;
  description.xxfi_envfrom = on_mail;
  description.xxfi_envrcpt = on_rcpt;
  description.xxfi_unknown = on_unknown;
  description.xxfi_data = on_data;
  description.xxfi_header = on_header;
  description.xxfi_eoh = on_header_complete;
  description.xxfi_body = on_body;
  description.xxfi_eom = on_message;
  description.xxfi_abort = on_abort;
  description.xxfi_close = on_close;
  return description;
}

}  // namespace milterd
