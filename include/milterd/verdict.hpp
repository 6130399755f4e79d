#pragma once
/// What a stage answers to an event.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace milterd {

/// An SMTP reply (RFC 5321 section 4.2, RFC 3463).
struct Reply {
  int code = 0;                    ///< 400..599; reject wants 5xx, tempfail 4xx.
  std::string enhanced;            ///< "5.7.1"; its class equals the code's. Empty: none.
  std::vector<std::string> lines;  ///< Plain text; the host removes what SMTP cannot carry.
};

enum class Action : std::uint8_t {
  proceed,     ///< No objection.
  accept,      ///< This stage is done with the transaction. The other stages still run.
  reject,      ///< Refuse for good. Ends the run.
  tempfail,    ///< Refuse for now. Ends the run.
  discard,     ///< Answer 250 and throw away. Ends the run.
  quarantine,  ///< Let the MTA hold the message. The other stages still run and may refuse it.
};

struct Verdict {
  Action action = Action::proceed;
  std::optional<Reply> reply = {};  ///< For reject and tempfail; the host has a text if empty.
  std::string reason = {};          ///< For logs, and the MTA's hold reason; not sent to clients.
};

/// reject, tempfail and discard: nothing after this stage is asked.
constexpr bool ends_the_run(Action action) {
  return action == Action::reject || action == Action::tempfail || action == Action::discard;
}

/// The word for logs and reports. proceed reads "continue", as the milter protocol calls it.
constexpr const char* to_string(Action action) {
  switch (action) {
    case Action::proceed: return "continue";
    case Action::accept: return "accept";
    case Action::reject: return "reject";
    case Action::tempfail: return "tempfail";
    case Action::discard: return "discard";
    case Action::quarantine: return "quarantine";
  }
  return "?";
}

}  // namespace milterd
