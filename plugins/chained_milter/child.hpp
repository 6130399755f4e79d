#pragma once
/// One filter in one SMTP session: what it is told, what it decides, and what happens when it
/// fails.

#include <optional>
#include <string>

#include "milterd/stage.hpp"
#include "plugins/chained_milter/milters_setting.hpp"
#include "plugins/chained_milter/protocol/milter_client.hpp"

namespace milterd::chained_milter {

/// Events in the order of SMTP. A filter that fails in any of them gets its default_action from
/// then on, as in Postfix until the session ends; it is said in the log once. Verdicts are proceed,
/// quarantine (message() alone), or end the run.
class Child {
 public:
  /// `settings` and `log` outlive it.
  Child(const ChildSettings& settings, Logger& log) : settings_(settings), log_(log) {}
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Verdict connect(const Session& session);
  Verdict helo(const Session& session);
  Verdict mail(Transaction& transaction);
  Verdict rcpt(Transaction& transaction, const Address& recipient);
  Verdict data(Transaction& transaction);
  /// Shows it the message as it is now and makes its edits, all of them or none. Error: the host
  /// did not take an edit, and some are made.
  Result<Verdict> message(Transaction& transaction);
  void transaction_end() noexcept;

  /// "continue", "accept", ...: what it said to the message in hand.
  const std::string& result() const { return result_; }
  /// What failed; "" if nothing did.
  const std::string& error() const { return error_; }
  std::string endpoint() const { return settings_.endpoint.text(); }

 private:
  using Clock = milter::Clock;
  struct Moment;
  template <class Call>
  Verdict tell(const Moment& moment, Call&& call);
  Result<milter::MessageDecision> show(Transaction& transaction, Clock::time_point limit);
  Verdict verdict_of(const Moment& moment, milter::Decision&& decision);
  /// It accepted the message, or the connection.
  void leave_alone(const Moment& moment);
  Verdict failed(const Moment& moment, std::string_view why);
  Verdict default_verdict() const;
  /// Remembers the verdict for reports and returns it.
  Verdict settled(Verdict verdict);

  const ChildSettings& settings_;
  Logger& log_;
  /// None before connect(), once it is lost, and once it has accepted the connection.
  std::optional<milter::MilterClient> client_;
  bool accepted_session_ = false;
  bool accepted_message_ = false;
  bool lost_ = false;                       ///< default_action from now on.
  std::optional<Verdict> session_refusal_;  ///< Of the connection: good for all that follows.
  std::string result_ = "continue";
  std::string error_;
};

}  // namespace milterd::chained_milter
