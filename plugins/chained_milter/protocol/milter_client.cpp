#include "plugins/chained_milter/protocol/milter_client.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "plugins/chained_milter/protocol/stranger.hpp"
#include "plugins/chained_milter/protocol/wire_fields.hpp"

namespace milterd::milter {
namespace {

/// What is not waited for goes out in pieces of this size.
constexpr std::size_t much_to_send = 64 * 1024;

// What a filter may make us keep; a new body may also be twice as large as the old one.
constexpr std::size_t most_edits = 20'000;
constexpr std::size_t most_edit_bytes = 16UL << 20;
constexpr std::size_t largest_new_body = 100UL << 20;

}  // namespace

/// What sets one event apart from another.
struct MilterClient::Event {
  Command command;
  std::uint32_t left_out;    ///< The step that leaves it out.
  std::uint32_t unanswered;  ///< The step that spares the answer.
  std::optional<MacroPlace> macros;
  bool content = false;     ///< Has the longer time limit, and is sent together with others.
  bool connection = false;  ///< Accepting it counts for the connection.
};

Result<MilterClient> MilterClient::connect(const Endpoint& endpoint, const Offer& offer,
                                           const Timeouts& timeouts, Clock::time_point limit) {
  const auto deadline = std::min(limit, Clock::now() + timeouts.connect);
  auto socket = MilterSocket::connect(endpoint, deadline);
  if (!socket) {
    return std::unexpected(socket.error());
  }
  return negotiate(*std::move(socket), offer, timeouts, deadline);
}

Result<MilterClient> MilterClient::negotiate(MilterSocket socket, const Offer& offer,
                                             const Timeouts& timeouts, Clock::time_point limit) {
  MilterClient client(std::move(socket), timeouts);
  const auto agreed = client.agree(offer, std::min(limit, Clock::now() + timeouts.connect));
  return agreed ? Result<MilterClient>(std::move(client)) : std::unexpected(agreed.error());
}

Result<> MilterClient::agree(const Offer& offer, Clock::time_point limit) {
  append_offer(out_, offer);
  // What a stranger says is worth more than that it does not listen.
  const auto sent = flush(limit);
  const auto packet = receive(limit);
  if (!packet) {
    const std::string stranger = describe_stranger(decoder_.pending());
    if (!stranger.empty()) {
      return fail(stranger);
    }
    return sent ? std::unexpected(packet.error()) : sent;
  }
  auto agreement = read_agreement(offer, *packet);
  if (!agreement) {
    return std::unexpected(agreement.error());
  }
  agreement_ = *std::move(agreement);
  return {};
}

Result<> MilterClient::flush(Clock::time_point deadline, std::string_view then) {
  auto sent = socket_.send(out_, then, deadline);
  out_.clear();
  return sent;
}

Result<Packet> MilterClient::receive(Clock::time_point deadline) {
  while (true) {
    auto packet = decoder_.next();
    if (!packet) {
      return std::unexpected(packet.error());
    }
    if (*packet) {
      return **packet;
    }
    const auto got = socket_.receive(decoder_.space(), deadline);
    if (!got) {
      return std::unexpected(got.error());
    }
    if (*got == 0) {
      return fail(decoder_.pending().empty() ? "it closed the connection instead of an answer"
                                             : "it closed the connection within a packet");
    }
    decoder_.filled(*got);
  }
}

void MilterClient::queue_macros(const Event& event, const MacroSource& macros) {
  data_.assign(1, static_cast<char>(event.command));
  for (const std::string& name : agreement_.macros_at(*event.macros)) {
    if (const std::string_view value = macros.macro(name.c_str()); !value.empty()) {
      append_string(data_, name);
      append_string(data_, value);
    }
  }
  append_packet(out_, static_cast<char>(Command::macros), {data_});
}

Result<Decision> MilterClient::tell(const Event& event,
                                    std::initializer_list<std::string_view> parts,
                                    const MacroSource* macros, Clock::time_point limit) {
  if (is_silent()) {
    return Decision{};
  }
  const char code = static_cast<char>(event.command);
  if (code == skipped_) {
    return Decision{};
  }
  skipped_ = 0;
  if (macros != nullptr && event.macros) {
    queue_macros(event, *macros);
  }
  if (agreement_.has(event.left_out)) {
    return Decision{};
  }
  append_packet(out_, code, parts);
  const bool unanswered = agreement_.has(event.unanswered);
  if (unanswered && event.content && out_.size() < much_to_send) {
    return Decision{};
  }
  const auto time = event.content ? timeouts_.content : timeouts_.command;
  if (auto sent = flush(std::min(limit, Clock::now() + time)); !sent) {
    return std::unexpected(sent.error());
  }
  return unanswered ? Decision{} : answer_to(event, limit, nullptr);
}

Result<Decision> MilterClient::answer_to(const Event& event, Clock::time_point limit,
                                         MessageDecision* message) {
  const auto time = event.content ? timeouts_.content : timeouts_.command;
  auto deadline = std::min(limit, Clock::now() + time);
  while (true) {
    const auto packet = receive(deadline);
    if (!packet) {
      return std::unexpected(packet.error());
    }
    auto response = read_response(*packet);
    if (!response) {
      return std::unexpected(response.error());
    }
    if (response->kind == Response::Kind::progress) {
      deadline = std::min(limit, Clock::now() + time);
    } else if (response->kind != Response::Kind::edit) {
      if (response->kind == Response::Kind::conn_fail) {
        return fail("it asks for the connection to count as failed");
      }
      return settle(event, *std::move(response));
    } else if (message == nullptr) {
      return fail(std::string("it sent the edit '") + packet->code +
                  "' before the end of the message");
    } else if (!agreement_.may(response->edit.needs)) {
      return fail(std::string("it sent the edit '") + packet->code + "' that it did not negotiate");
    } else if (auto kept = collect(std::move(response->edit), *message); !kept) {
      return std::unexpected(kept.error());
    }
  }
}

Result<> MilterClient::collect(Edit&& edit, MessageDecision& message) {
  if (edit.op == Modification::Op::replace_body) {
    std::string& body = message.body ? *message.body : message.body.emplace();
    if (body.size() + edit.value.size() > std::max(largest_new_body, 2 * body_sent_)) {
      return fail("its new body has more than " + std::to_string(body.size()) + " bytes");
    }
    body.append(edit.value);
    return {};
  }
  edit_bytes_ += edit.name.size() + edit.value.size();
  if (message.edits.size() >= most_edits || edit_bytes_ > most_edit_bytes) {
    return fail("it sent more than " + std::to_string(message.edits.size()) + " edits of " +
                std::to_string(edit_bytes_) + " bytes");
  }
  if (edit.op == Modification::Op::quarantine) {
    message.quarantine = std::move(edit.value);
  } else {
    message.edits.push_back(std::move(edit));
  }
  return {};
}

Decision MilterClient::settle(const Event& event, Response&& response) {
  using Kind = Response::Kind;
  Decision decision;
  switch (response.kind) {
    case Kind::accept: decision.kind = Decision::Kind::accept; break;
    case Kind::reject: decision.kind = Decision::Kind::reject; break;
    case Kind::tempfail: decision.kind = Decision::Kind::tempfail; break;
    case Kind::discard: decision.kind = Decision::Kind::discard; break;
    case Kind::shutdown: decision.kind = Decision::Kind::shutdown; break;
    case Kind::reply:
      decision.kind = response.reply.code < 500 ? Decision::Kind::tempfail : Decision::Kind::reject;
      decision.reply = std::move(response.reply);
      break;
    case Kind::skip: skipped_ = static_cast<char>(event.command); break;
    default: break;
  }
  if (decision.kind == Decision::Kind::accept || decision.kind == Decision::Kind::discard) {
    (event.connection ? silent_session_ : silent_message_) = true;
  }
  return decision;
}

Result<Decision> MilterClient::client(const ClientInfo& info, const MacroSource& macros,
                                      Clock::time_point limit) {
  static constexpr Event event{.command = Command::connect,
                               .left_out = step::no_connect,
                               .unanswered = step::connect_unanswered,
                               .macros = MacroPlace::connect,
                               .connection = true};
  std::string data;
  append_string(data, info.name);
  if (info.address.empty()) {
    data.push_back('U');
  } else {
    data.push_back(info.address.find(':') == std::string_view::npos ? '4' : '6');
    append_u16(data, info.port);
    append_string(data, info.address);
  }
  return tell(event, {data}, &macros, limit);
}

Result<Decision> MilterClient::helo(std::string_view name, const MacroSource& macros,
                                    Clock::time_point limit) {
  static constexpr Event event{.command = Command::helo,
                               .left_out = step::no_helo,
                               .unanswered = step::helo_unanswered,
                               .macros = MacroPlace::helo,
                               .connection = true};
  std::string data;
  append_string(data, name);
  return tell(event, {data}, &macros, limit);
}

namespace {

std::string envelope_data(std::string_view path, std::string_view arguments) {
  std::string data;
  append_string(data, "<" + std::string(path) + ">");
  while (!arguments.empty()) {
    const std::size_t end = arguments.find(' ');
    if (end != 0) {
      append_string(data, arguments.substr(0, end));
    }
    arguments.remove_prefix(end == std::string_view::npos ? arguments.size() : end + 1);
  }
  return data;
}

}  // namespace

Result<Decision> MilterClient::mail(std::string_view path, std::string_view arguments,
                                    const MacroSource& macros, Clock::time_point limit) {
  static constexpr Event event{.command = Command::mail,
                               .left_out = step::no_mail,
                               .unanswered = step::mail_unanswered,
                               .macros = MacroPlace::mail};
  return tell(event, {envelope_data(path, arguments)}, &macros, limit);
}

Result<Decision> MilterClient::rcpt(std::string_view path, std::string_view arguments,
                                    const MacroSource& macros, Clock::time_point limit) {
  static constexpr Event event{.command = Command::rcpt,
                               .left_out = step::no_rcpt,
                               .unanswered = step::rcpt_unanswered,
                               .macros = MacroPlace::rcpt};
  return tell(event, {envelope_data(path, arguments)}, &macros, limit);
}

Result<Decision> MilterClient::data(const MacroSource& macros, Clock::time_point limit) {
  static constexpr Event event{.command = Command::data,
                               .left_out = step::no_data,
                               .unanswered = step::data_unanswered,
                               .macros = MacroPlace::data};
  return tell(event, {}, &macros, limit);
}

Result<Decision> MilterClient::header(std::string_view name, std::string_view value,
                                      Clock::time_point limit) {
  static constexpr Event event{.command = Command::header,
                               .left_out = step::no_header,
                               .unanswered = step::header_unanswered,
                               .macros = {},
                               .content = true};
  if (!agreement_.has(step::leading_space) && value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  std::string data;
  data.reserve(name.size() + value.size() + 2);
  append_string(data, name);
  const std::string_view text = value.substr(0, value.find('\0'));
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\r' || at + 1 == text.size() || text[at + 1] != '\n') {
      data.push_back(text[at]);
    }
  }
  data.push_back('\0');
  return tell(event, {data}, nullptr, limit);
}

Result<Decision> MilterClient::end_of_header(const MacroSource& macros, Clock::time_point limit) {
  static constexpr Event event{.command = Command::end_of_header,
                               .left_out = step::no_end_of_header,
                               .unanswered = step::end_of_header_unanswered,
                               .macros = MacroPlace::end_of_header,
                               .content = true};
  return tell(event, {}, &macros, limit);
}

Result<Decision> MilterClient::body(std::string_view bytes, Clock::time_point limit) {
  static constexpr Event event{.command = Command::body,
                               .left_out = step::no_body,
                               .unanswered = step::body_unanswered,
                               .macros = {},
                               .content = true};
  const char code = static_cast<char>(event.command);
  body_sent_ += bytes.size();
  while (!bytes.empty() && !is_silent() && skipped_ != code && !agreement_.has(event.left_out)) {
    skipped_ = 0;
    const std::string_view piece = bytes.substr(0, body_chunk);
    bytes.remove_prefix(piece.size());
    append_head(out_, code, piece.size());
    if (auto sent = flush(std::min(limit, Clock::now() + timeouts_.content), piece); !sent) {
      return std::unexpected(sent.error());
    }
    if (agreement_.has(event.unanswered)) {
      continue;
    }
    auto decision = answer_to(event, limit, nullptr);
    if (!decision || decision->kind != Decision::Kind::proceed) {
      return decision;
    }
  }
  return Decision{};
}

Result<MessageDecision> MilterClient::end_of_message(const MacroSource& macros,
                                                     Clock::time_point limit) {
  static constexpr Event event{.command = Command::end_of_message,
                               .left_out = 0,
                               .unanswered = 0,
                               .macros = MacroPlace::end_of_message,
                               .content = true};
  MessageDecision message;
  if (is_silent()) {
    return message;
  }
  skipped_ = 0;
  edit_bytes_ = 0;
  queue_macros(event, macros);
  append_packet(out_, static_cast<char>(event.command), {});
  if (auto sent = flush(std::min(limit, Clock::now() + timeouts_.content)); !sent) {
    return std::unexpected(sent.error());
  }
  auto decision = answer_to(event, limit, &message);
  if (!decision) {
    return std::unexpected(decision.error());
  }
  message.decision = *std::move(decision);
  return message;
}

Result<Decision> MilterClient::unknown(std::string_view line, Clock::time_point limit) {
  static constexpr Event event{.command = Command::unknown,
                               .left_out = step::no_unknown,
                               .unanswered = step::unknown_unanswered,
                               .macros = {}};
  std::string data;
  append_string(data, line);
  return tell(event, {data}, nullptr, limit);
}

void MilterClient::say(Command command) noexcept {
  // What the filter does not take at once goes in front of the next event; nobody waits for it.
  append_packet(out_, static_cast<char>(command), {});
  out_.erase(0, socket_.send_now(out_));
}

void MilterClient::abort() noexcept {
  if (!silent_session_) {
    say(Command::abort);
  }
  silent_message_ = false;
  skipped_ = 0;
  body_sent_ = 0;
}

void MilterClient::quit() noexcept { say(Command::quit); }

void MilterClient::quit_new_connection() noexcept {
  say(Command::quit_new_connection);
  silent_session_ = silent_message_ = false;
  skipped_ = 0;
  body_sent_ = 0;
}

}  // namespace milterd::milter
