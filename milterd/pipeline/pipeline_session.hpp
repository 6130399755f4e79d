#pragma once
/// One SMTP connection running through a pipeline. The daemon and --check-message drive it with the
/// same events.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/message/header_watcher.hpp"
#include "milterd/message/transaction_state.hpp"
#include "milterd/pipeline/outcome.hpp"
#include "milterd/pipeline/pipeline.hpp"
#include "milterd/pipeline/turn_log.hpp"

namespace milterd {

/// An answer to an event of the envelope.
struct Answer {
  Action action = Action::proceed;  ///< proceed, reject, tempfail or discard.
  Reply reply = {};                 ///< For reject and tempfail.
};

/// Calls must not overlap; they may come from different threads.
class PipelineSession final : private HeaderWatcher {
 public:
  struct Settings {
    std::shared_ptr<const Pipeline> pipeline;
    Session facts;              ///< helo still empty.
    const MacroSource& macros;  ///< Outlives the session.
    Logger& log;                ///< Outlives the session.
    Granted granted = {};
    std::optional<std::chrono::system_clock::time_point> fixed_time = {};  ///< --time
    std::vector<std::string> only_stages = {};   ///< --stage; empty: all. The others are skipped.
    const Cancellation* cancellation = nullptr;  ///< Outlives the session; null: never cancelled.
  };
  explicit PipelineSession(Settings settings);
  ~PipelineSession();  ///< Ends the transaction in hand as aborted.
  PipelineSession(const PipelineSession&) = delete;
  PipelineSession& operator=(const PipelineSession&) = delete;

  Answer connect();
  Answer helo(std::string_view name);
  /// Begins a transaction; one still in hand ends as aborted.
  Answer mail(Address sender);
  /// A recipient that is refused here does not come into the envelope. Where the limit of
  /// recipients is passed and no answer can be given here (Needs::rcpt is not set), message() gives
  /// it.
  Answer rcpt(Address recipient);
  Answer data();
  /// `value` is everything after the colon, the leading space included; folds LF or CRLF.
  void header(std::string_view name, std::string_view value);
  void header_complete();
  void body(std::string_view chunk);
  /// Runs the stages over the complete message and writes its log line. The outcome lives until the
  /// transaction ends.
  const Outcome& message();
  /// What was decided last: by message(), or by an event of the envelope that was refused.
  const Outcome& outcome() const { return outcome_; }
  /// After the MTA has the answer, or when it gave up (RSET, a lost connection): whichever is first
  /// ends the transaction, further calls do nothing.
  void end_transaction();
  bool in_transaction() const { return transaction_ != nullptr; }

  /// Every message from now on is refused with this 4xx reply without asking a stage, at the next
  /// event that may be answered. For a daemon that stops.
  void refuse(Reply reply, std::string reason);
  /// After message(), where the MTA could not be given the edits: what it got instead goes to the
  /// log.
  void delivery_failed(std::string_view why);

  /// The transaction in hand, as edited.
  const TransactionState& transaction() const { return *transaction_; }
  /// describe() of a stage that ran; an empty object for others.
  Value describe(std::size_t stage) const;
  const Pipeline& pipeline() const { return *settings_.pipeline; }
  const Session& facts() const { return settings_.facts; }

 private:
  /// A stage's place in this session.
  struct StageRun {
    std::unique_ptr<StageSession> session;
    bool skipped = false;       ///< By only_stages.
    bool session_over = false;  ///< It said accept, or failed, before the first transaction.
    bool over = false;          ///< The same in this transaction.
    bool saw = false;           ///< Is owed an on_transaction_end().
    StageOutcome outcome;
    StageOutcome session_outcome;  ///< With session_over: counts for every transaction.
  };
  using Clock = std::chrono::steady_clock;

  template <class Call>
  Answer envelope_event(bool Needs::* wanted, const char* event, std::string_view recipient,
                        Call&& call);
  /// One call of a stage with everything around it: deadline, exceptions, rollback, on_error,
  /// shadow.
  template <class Call>
  Verdict run(std::size_t stage, const char* event, Clock::time_point event_deadline, Call&& call);
  template <class Call>
  Result<Verdict> call_stage(std::size_t stage, Clock::time_point event_deadline, Call&& call);
  void log_shadow(std::size_t stage, const char* event, const Verdict& verdict);
  Verdict settle_error(std::size_t stage, const char* event, const Error& error);
  /// Asks the stages that watch header edits. In header_edits.cpp, like the next.
  void about_to_write(HeaderEdit& edit) override;
  /// After a turn that stands: what the watching stages decided in it. False if one refused the
  /// message.
  bool settle_watched();
  void run_stages();
  bool run_end(Clock::time_point deadline);
  void write_auth_results(std::size_t stage, Clock::time_point deadline);
  void decide(Action action, std::optional<std::size_t> stage, const std::optional<Reply>& reply,
              std::string reason);
  void decide_without_stages();
  Answer refuse_event(const char* event, std::string_view recipient, Verdict verdict,
                      std::optional<std::size_t> stage);
  void collect_stages();

  Settings settings_;
  TurnLog log_;
  std::string authserv_id_;
  std::vector<StageRun> runs_;
  std::optional<Reply> refusal_;
  std::string refusal_reason_;
  std::vector<std::pair<std::size_t, std::string>> quarantines_;  ///< Stage and reason.
  /// So many of them, at the front, come from before the first transaction and hold every message.
  std::size_t session_quarantines_ = 0;
  struct Watched {
    std::size_t stage;
    Verdict verdict;
  };
  std::vector<Watched> watched_;  ///< Of the turn in hand.
  std::unique_ptr<TransactionState> transaction_;
  Outcome outcome_;
};

}  // namespace milterd
