#pragma once
/// The MTA's side of one milter connection: events go out, answers come in.

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/session.hpp"
#include "milterd/verdict.hpp"
#include "plugins/chained_milter/protocol/milter_socket.hpp"
#include "plugins/chained_milter/protocol/negotiation.hpp"
#include "plugins/chained_milter/protocol/packet.hpp"
#include "plugins/chained_milter/protocol/response.hpp"

namespace milterd::milter {

/// As Postfix's milter_*_timeout.
struct Timeouts {
  std::chrono::milliseconds connect{30'000};   ///< Connecting, and the negotiation.
  std::chrono::milliseconds command{30'000};   ///< One event of the envelope.
  std::chrono::milliseconds content{300'000};  ///< Header, body and the end of the message, each.
};

/// What the filter decided on an event.
struct Decision {
  enum class Kind : std::uint8_t { proceed, accept, reject, tempfail, discard, shutdown };
  Kind kind = Kind::proceed;
  std::optional<Reply> reply = {};  ///< With reject and tempfail: the filter's own words.

  bool refuses() const { return kind != Kind::proceed && kind != Kind::accept; }
};

/// The decision on the whole message, and what the filter wants changed if it is let through.
struct MessageDecision {
  Decision decision;
  std::vector<Edit> edits;                ///< As sent, in order; without pieces of a body.
  std::optional<std::string> body;        ///< The new body in one piece.
  std::optional<std::string> quarantine;  ///< The reason.
};

struct ClientInfo {
  std::string_view name;     ///< Host name, or "[address]".
  std::string_view address;  ///< IPv4 or IPv6; "" where there is none.
  std::uint16_t port = 0;
};

/// One conversation with a filter, in the order of SMTP. Each call sends what the filter asked for
/// and waits for an answer where one was agreed on. It takes at most its time limit, begun anew at
/// each "progress" of the filter, and never longer than until `limit`. After an error, of which
/// nothing is said to the filter, the connection is of no use any more.
///
/// The filter that accepts is left alone: from connect and helo on for the rest of the connection,
/// else until abort(). Macros are looked up in `macros`; those that have no value are left out.
/// Used by one thread at a time.
class MilterClient {
 public:
  /// Connects and negotiates.
  static Result<MilterClient> connect(const Endpoint& endpoint, const Offer& offer,
                                      const Timeouts& timeouts, Clock::time_point limit);
  /// Negotiates on a connected socket.
  static Result<MilterClient> negotiate(MilterSocket socket, const Offer& offer,
                                        const Timeouts& timeouts, Clock::time_point limit);

  const Agreement& agreement() const { return agreement_; }

  Result<Decision> client(const ClientInfo& info, const MacroSource& macros,
                          Clock::time_point limit);
  Result<Decision> helo(std::string_view name, const MacroSource& macros, Clock::time_point limit);
  /// `path` without <>, `arguments` in one string: "SIZE=1 BODY=8BITMIME".
  Result<Decision> mail(std::string_view path, std::string_view arguments,
                        const MacroSource& macros, Clock::time_point limit);
  Result<Decision> rcpt(std::string_view path, std::string_view arguments,
                        const MacroSource& macros, Clock::time_point limit);
  Result<Decision> data(const MacroSource& macros, Clock::time_point limit);
  /// `value` is all that follows the colon, folds as CRLF or LF.
  Result<Decision> header(std::string_view name, std::string_view value, Clock::time_point limit);
  Result<Decision> end_of_header(const MacroSource& macros, Clock::time_point limit);
  /// All of the body or a part of it, CRLF lines.
  Result<Decision> body(std::string_view bytes, Clock::time_point limit);
  Result<MessageDecision> end_of_message(const MacroSource& macros, Clock::time_point limit);
  /// An SMTP command that is not known.
  Result<Decision> unknown(std::string_view line, Clock::time_point limit);

  /// The message is over, however it ended; another may follow. Does not wait.
  void abort() noexcept;
  /// Ends the conversation; nothing may follow. Does not wait.
  void quit() noexcept;
  /// Ends the conversation and keeps the connection: client() may follow. Does not wait.
  void quit_new_connection() noexcept;

 private:
  struct Event;
  MilterClient(MilterSocket socket, const Timeouts& timeouts)
      : socket_(std::move(socket)), timeouts_(timeouts) {}

  Result<> agree(const Offer& offer, Clock::time_point limit);
  bool is_silent() const { return silent_session_ || silent_message_; }
  void queue_macros(const Event& event, const MacroSource& macros);
  /// Sends the event and awaits what was agreed on. `macros` may be null.
  Result<Decision> tell(const Event& event, std::initializer_list<std::string_view> parts,
                        const MacroSource* macros, Clock::time_point limit);
  Result<Decision> answer_to(const Event& event, Clock::time_point limit, MessageDecision* message);
  Decision settle(const Event& event, Response&& response);
  Result<> collect(Edit&& edit, MessageDecision& message);
  Result<> flush(Clock::time_point deadline, std::string_view then = {});
  Result<Packet> receive(Clock::time_point deadline);
  void say(Command command) noexcept;

  MilterSocket socket_;
  Timeouts timeouts_;
  Agreement agreement_;
  PacketDecoder decoder_;
  std::string out_;
  std::string data_;  ///< Of the packet in the making.
  char skipped_ = 0;  ///< The event of which the filter wants no more until another one comes.
  bool silent_session_ = false;
  bool silent_message_ = false;
  std::size_t body_sent_ = 0;
  std::size_t edit_bytes_ = 0;
};

}  // namespace milterd::milter
