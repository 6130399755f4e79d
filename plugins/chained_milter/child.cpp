#include "plugins/chained_milter/child.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "plugins/chained_milter/message_edits.hpp"

namespace milterd::chained_milter {
namespace {

using milter::Decision;

/// The words of Postfix for refusals without words of their own.
Reply rejected() { return {550, "5.7.1", {"Command rejected"}}; }
Reply unavailable() { return {451, "4.7.1", {"Service unavailable - try again later"}}; }
Reply closing() { return {421, "4.7.0", {"Server closing connection"}}; }

/// A little before the host's own limit, so that it is our default_action that counts and not the
/// stage's on_error.
milter::Clock::time_point limit_before(milter::Clock::time_point deadline) {
  const auto now = milter::Clock::now();
  const auto left = std::max(deadline - now, milter::Clock::duration::zero());
  return deadline - std::min<milter::Clock::duration>(left / 10, std::chrono::seconds(1));
}

std::uint16_t client_port(const MacroSource& macros) {
  const std::string_view text = macros.macro("{client_port}");
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() ? port : std::uint16_t{0};
}

}  // namespace

/// Where something happened, and whom to tell.
struct Child::Moment {
  const char* state;
  Logger& log;
  std::string_view session;  ///< For a log that does not know it.
  Clock::time_point limit;
  bool connection = false;
};

Child::~Child() {
  if (client_) {
    client_->quit();
  }
}

Verdict Child::settled(Verdict verdict) {
  if (verdict.action != Action::proceed) {
    result_ = to_string(verdict.action);
  }
  return verdict;
}

Verdict Child::default_verdict() const {
  const std::string reason = "milter " + endpoint() + ": " + error_;
  switch (settings_.default_action) {
    case DefaultAction::tempfail: return {Action::tempfail, unavailable(), reason};
    case DefaultAction::accept: return {};
    case DefaultAction::reject:
      return {Action::reject, Reply{550, "5.5.0", {"Service unavailable"}}, reason};
    case DefaultAction::quarantine: return {Action::quarantine, {}, reason};
    case DefaultAction::shutdown: return {Action::tempfail, closing(), reason};
  }
  return {Action::tempfail, unavailable(), reason};
}

Verdict Child::failed(const Moment& moment, std::string_view why) {
  lost_ = true;
  error_ = std::string(moment.state) + ": " + std::string(why);
  client_.reset();
  const std::string child = endpoint();
  std::vector<LogField> fields = {{"milter", child},
                                  {"state", moment.state},
                                  {"error", why},
                                  {"default_action", to_string(settings_.default_action)}};
  if (!moment.session.empty()) {
    fields.insert(fields.begin(), {"session", moment.session});
  }
  moment.log.write(LogLevel::error, "milter.failed", fields);
  return default_verdict();
}

Verdict Child::verdict_of(const Moment& moment, Decision&& decision) {
  const std::string reason = "milter " + endpoint();
  switch (decision.kind) {
    case Decision::Kind::proceed: return {};
    case Decision::Kind::accept: leave_alone(moment); return {Action::accept, {}, reason};
    case Decision::Kind::reject:
      return {Action::reject, decision.reply ? decision.reply : rejected(), reason};
    case Decision::Kind::tempfail:
      return {Action::tempfail, decision.reply ? decision.reply : unavailable(), reason};
    case Decision::Kind::shutdown: return {Action::tempfail, closing(), reason};
    case Decision::Kind::discard: break;
  }
  if (moment.connection) {
    const std::string child = endpoint();
    moment.log.warn("milter.ignored", {{"session", moment.session},
                                       {"milter", child},
                                       {"state", moment.state},
                                       {"reason", "discard has no meaning before a message"}});
    leave_alone(moment);
    return {};
  }
  return {Action::discard, {}, reason};
}

void Child::leave_alone(const Moment& moment) {
  if (moment.connection) {
    client_->quit();
    client_.reset();
    accepted_session_ = true;
  } else {
    accepted_message_ = true;
  }
}

template <class Call>
Verdict Child::tell(const Moment& moment, Call&& call) {
  if (session_refusal_) {
    return settled(*session_refusal_);
  }
  if (lost_) {
    return settled(default_verdict());
  }
  if (accepted_session_ || accepted_message_) {
    return {};
  }
  if (!client_) {
    return settled(failed(moment, "the SMTP session began without an event of it"));
  }
  auto decision = call(*client_);
  Verdict verdict = decision ? verdict_of(moment, *std::move(decision))
                             : failed(moment, decision.error().message);
  if (moment.connection && ends_the_run(verdict.action)) {
    session_refusal_ = verdict;
  }
  return settled(std::move(verdict));
}

Verdict Child::connect(const Session& session) {
  const Moment moment{"connect", log_, session.id, limit_before(session.deadline), true};
  auto connected = milter::MilterClient::connect(
      settings_.endpoint, milter::offer_of(settings_.protocol), settings_.timeouts, moment.limit);
  if (!connected) {
    return settled(failed(moment, connected.error().message));
  }
  client_.emplace(*std::move(connected));
  return tell(moment, [&](milter::MilterClient& client) {
    return client.client({.name = session.client_name,
                          .address = session.client_address,
                          .port = client_port(*session.macros)},
                         *session.macros, moment.limit);
  });
}

Verdict Child::helo(const Session& session) {
  const Moment moment{"helo", log_, session.id, limit_before(session.deadline), true};
  return tell(moment, [&](milter::MilterClient& client) {
    return client.helo(session.helo, *session.macros, moment.limit);
  });
}

Verdict Child::mail(Transaction& transaction) {
  const Moment moment{"mail", transaction.log(), {}, limit_before(transaction.deadline())};
  return tell(moment, [&](milter::MilterClient& client) {
    const Address& sender = transaction.envelope().sender;
    return client.mail(sender.path, sender.esmtp_args, transaction, moment.limit);
  });
}

Verdict Child::rcpt(Transaction& transaction, const Address& recipient) {
  const Moment moment{"rcpt", transaction.log(), {}, limit_before(transaction.deadline())};
  return tell(moment, [&](milter::MilterClient& client) {
    return client.rcpt(recipient.path, recipient.esmtp_args, transaction, moment.limit);
  });
}

Verdict Child::data(Transaction& transaction) {
  const Moment moment{"data", transaction.log(), {}, limit_before(transaction.deadline())};
  return tell(moment,
              [&](milter::MilterClient& client) { return client.data(transaction, moment.limit); });
}

/// Header, body and end, until the filter has decided.
Result<milter::MessageDecision> Child::show(Transaction& transaction, Clock::time_point limit) {
  milter::MilterClient& client = *client_;
  const auto decided = [](const Result<Decision>& decision) {
    return !decision || decision->kind != Decision::Kind::proceed;
  };
  Result<Decision> decision;
  for (const HeaderField& field : transaction.headers()) {
    if (decision = client.header(field.name(), field.value(), limit); decided(decision)) {
      break;
    }
  }
  if (!decided(decision)) {
    decision = client.end_of_header(transaction, limit);
  }
  if (!decided(decision)) {
    decision = client.body(transaction.body(), limit);
  }
  if (!decision) {
    return std::unexpected(decision.error());
  }
  if (decided(decision)) {
    return milter::MessageDecision{*std::move(decision), {}, {}, {}};
  }
  return client.end_of_message(transaction, limit);
}

Result<Verdict> Child::message(Transaction& transaction) {
  const Moment moment{
      "end of message", transaction.log(), {}, limit_before(transaction.deadline())};
  milter::MessageDecision message;
  Verdict verdict = tell(moment, [&](milter::MilterClient&) -> Result<Decision> {
    auto shown = show(transaction, moment.limit);
    if (!shown) {
      return std::unexpected(shown.error());
    }
    message = *std::move(shown);
    const auto sound = message.decision.refuses() ? Result<>() : check_edits(message);
    return sound ? Result<Decision>(message.decision) : std::unexpected(sound.error());
  });
  const bool let_through = verdict.action == Action::proceed || verdict.action == Action::accept;
  if (lost_ || !let_through) {
    return verdict;
  }
  const bool leading_space = client_ && client_->agreement().has(milter::step::leading_space);
  const auto quarantine = std::move(message.quarantine);
  if (auto made = make_edits(transaction, std::move(message), leading_space); !made) {
    error_ = "end of message: " + made.error().message;
    return fail("milter " + endpoint() + ": " + made.error().message);
  }
  if (quarantine) {
    return settled({Action::quarantine, {}, *quarantine});
  }
  return verdict;
}

void Child::transaction_end() noexcept {
  if (client_) {
    client_->abort();
  }
  accepted_message_ = false;
  result_ = "continue";
  if (!lost_) {
    error_.clear();
  }
}

}  // namespace milterd::chained_milter
