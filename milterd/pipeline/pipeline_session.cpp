#include "milterd/pipeline/pipeline_session.hpp"

#include <algorithm>
#include <exception>
#include <unistd.h>
#include <utility>

#include "milterd/auth_results/trace_field.hpp"
#include "milterd/pipeline/default_reply.hpp"
#include "milterd/pipeline/sending_order.hpp"
#include "milterd/pipeline/summary.hpp"

namespace milterd {
namespace {

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

std::string in_milliseconds(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) +
         " ms";
}

}  // namespace

PipelineSession::PipelineSession(Settings settings)
    : settings_(std::move(settings)), log_(settings_.log, settings_.facts, settings_.macros) {
  settings_.facts.macros = &settings_.macros;
  const auto& slots = settings_.pipeline->slots();
  runs_.resize(slots.size());
  for (std::size_t index = 0; index < slots.size(); ++index) {
    const auto& only = settings_.only_stages;
    runs_[index].skipped =
        !only.empty() && std::ranges::find(only, slots[index].settings.name) == only.end();
  }
}

PipelineSession::~PipelineSession() { end_transaction(); }

/// Calls the stage and times it. Its session is opened at its first event, so that a stage which
/// needs only the message costs nothing for a connection without one.
template <class Call>
Result<Verdict> PipelineSession::call_stage(std::size_t stage, Clock::time_point event_deadline,
                                            Call&& call) {
  const StageSettings& settings = pipeline().slots()[stage].settings;
  StageRun& run = runs_[stage];
  const auto begin = Clock::now();
  auto deadline = event_deadline;
  if (settings.timeout.count() > 0) {
    deadline = std::min(deadline, begin + settings.timeout);
  }
  if (begin >= deadline) {
    return fail("no time was left for it: the stages before it took it all");
  }
  log_.set_stage(settings.name);
  settings_.facts.deadline = deadline;
  if (transaction_) {
    transaction_->begin_turn(stage, deadline, log_);
  }
  Result<Verdict> verdict;
  try {
    if (!run.session) {
      run.session = pipeline().slots()[stage].stage->open_session();
    }
    run.saw = run.saw || transaction_ != nullptr;
    verdict = run.session ? call(*run.session) : fail("it opened no session");
  } catch (const std::exception& error) {
    verdict = fail(std::string("it threw: ") + error.what());
  } catch (...) {
    verdict = fail("it threw something that is no exception");
  }
  log_.set_stage({});
  const auto end = Clock::now();
  run.outcome.time += end - begin;
  if (verdict && end > deadline) {
    verdict = fail("it took " + in_milliseconds(end - begin) + ", its time limit was " +
                   in_milliseconds(deadline - begin));
  }
  return verdict;
}

Verdict PipelineSession::settle_error(std::size_t stage, const char* event, const Error& error) {
  const StageSettings& settings = pipeline().slots()[stage].settings;
  const Action on_error = settings.shadow ? Action::accept : settings.on_error;
  log_.set_stage(settings.name);
  log_.error("stage.failed",
             {{"event", event},
              {"error", error.message},
              {"on_error", settings.shadow ? "none (shadow)" : to_string(on_error)}});
  log_.set_stage({});
  StageRun& run = runs_[stage];
  run.outcome.kind = StageOutcome::Kind::error;
  run.outcome.action = on_error == Action::accept ? Action::proceed : on_error;
  run.outcome.reason = error.message;
  if (ends_the_run(on_error)) {
    // Perhaps this was one recipient of several; what comes after it, the stage has to see.
    return {on_error, failure_reply(on_error), error.message};
  }
  run.over = true;
  return {run.outcome.action, {}, "stage " + settings.name + " failed: " + error.message};
}

void PipelineSession::log_shadow(std::size_t stage, const char* event, const Verdict& verdict) {
  log_.set_stage(pipeline().slots()[stage].settings.name);
  log_.info("stage.shadow",
            {{"event", event}, {"would", to_string(verdict.action)}, {"reason", verdict.reason}});
  log_.set_stage({});
}

template <class Call>
Verdict PipelineSession::run(std::size_t stage, const char* event, Clock::time_point event_deadline,
                             Call&& call) {
  watched_.clear();
  auto verdict = call_stage(stage, event_deadline, std::forward<Call>(call));
  if (verdict && !transaction_ &&
      (verdict->action == Action::discard || verdict->action == Action::quarantine)) {
    verdict = fail(std::string("it answered ") + to_string(verdict->action) +
                   " where there is no message yet");
  }
  const bool shadow = pipeline().slots()[stage].settings.shadow;
  if (transaction_ && (!verdict || shadow)) {
    transaction_->roll_back();
    watched_.clear();
  }
  if (!verdict) {
    return settle_error(stage, event, verdict.error());
  }
  StageRun& run = runs_[stage];
  if (shadow && verdict->action != Action::proceed && verdict->action != Action::accept) {
    log_shadow(stage, event, *verdict);
    verdict->reason =
        std::string("shadow, would ") + to_string(verdict->action) + ": " + verdict->reason;
    verdict->action = Action::proceed;
  }
  run.over = run.over || verdict->action == Action::accept;
  run.outcome.kind = StageOutcome::Kind::verdict;
  run.outcome.action = verdict->action;
  run.outcome.reason = verdict->reason;
  return *std::move(verdict);
}

template <class Call>
Answer PipelineSession::envelope_event(bool Needs::* wanted, const char* event,
                                       std::string_view recipient, Call&& call) {
  if (refusal_) {
    return {Action::tempfail, *refusal_};
  }
  const auto deadline = Clock::now() + pipeline().limits().command_time;
  for (std::size_t stage = 0; stage < runs_.size(); ++stage) {
    StageRun& run = runs_[stage];
    if (run.skipped || run.session_over || run.over || !(pipeline().slots()[stage].needs.*wanted)) {
      continue;
    }
    Verdict verdict = this->run(stage, event, deadline, call);
    if (!transaction_) {
      run.session_over = std::exchange(run.over, false);
      run.session_outcome = run.outcome;
      run.session_outcome.time = {};
    }
    if (verdict.action == Action::quarantine) {
      quarantines_.emplace_back(stage, verdict.reason);
      session_quarantines_ += transaction_ ? 0 : 1;
    }
    if (!ends_the_run(verdict.action)) {
      continue;
    }
    return refuse_event(event, recipient, std::move(verdict), stage);
  }
  return {};
}

Answer PipelineSession::connect() {
  return envelope_event(&Needs::connect, "connect", {},
                        [this](StageSession& stage) { return stage.on_connect(settings_.facts); });
}

Answer PipelineSession::helo(std::string_view name) {
  settings_.facts.helo.assign(name.substr(0, 1000));
  return envelope_event(&Needs::helo, "helo", {},
                        [this](StageSession& stage) { return stage.on_helo(settings_.facts); });
}

Answer PipelineSession::mail(Address sender) {
  end_transaction();
  authserv_id_ = pipeline().authserv_id();
  if (authserv_id_.empty()) {
    authserv_id_ = settings_.macros.macro("j");
  }
  if (authserv_id_.empty()) {
    authserv_id_ = host_name();
  }
  const TransactionState::Settings settings{
      .session = settings_.facts,
      .macros = settings_.macros,
      .limits = pipeline().limits(),
      .authserv_id = authserv_id_,
      .stage_names = pipeline().stage_names(),
      .granted = settings_.granted,
      .wants_image = pipeline().needs().image,
      .fixed_time = settings_.fixed_time,
      .watcher = pipeline().needs().header_edits ? this : nullptr,
      .cancellation = settings_.cancellation};
  transaction_ = std::make_unique<TransactionState>(settings, std::move(sender));
  outcome_ = {};
  return envelope_event(&Needs::mail, "mail", {},
                        [this](StageSession& stage) { return stage.on_mail(*transaction_); });
}

Answer PipelineSession::rcpt(Address recipient) {
  if (!transaction_) {
    return {};
  }
  if (pipeline().needs().rcpt &&
      transaction_->envelope().recipients.size() >= pipeline().limits().recipients) {
    auto excess = answer_for(Excess::recipients, pipeline().limits(), {});
    return refuse_event("rcpt", recipient.path,
                        {excess.action, std::move(excess.reply), std::move(excess.reason)},
                        std::nullopt);
  }
  Answer answer = envelope_event(&Needs::rcpt, "rcpt", recipient.path, [&](StageSession& stage) {
    return stage.on_rcpt(*transaction_, recipient);
  });
  if (transaction_ && answer.action == Action::proceed) {
    transaction_->add_envelope_recipient(std::move(recipient));
  }
  return answer;
}

Answer PipelineSession::data() {
  if (!transaction_) {
    return {};
  }
  return envelope_event(&Needs::data, "data", {},
                        [this](StageSession& stage) { return stage.on_data(*transaction_); });
}

void PipelineSession::header(std::string_view name, std::string_view value) {
  if (transaction_) {
    transaction_->receive_header(name, value);
  }
}

void PipelineSession::header_complete() {
  if (!transaction_) {
    return;
  }
  transaction_->header_complete();
  if (refusal_ || transaction_->excess() != Excess::none) {
    return;
  }
  const auto deadline = Clock::now() + pipeline().limits().command_time;
  for (std::size_t stage = 0; stage < runs_.size(); ++stage) {
    StageRun& run = runs_[stage];
    if (run.skipped || run.session_over || run.over || !pipeline().slots()[stage].needs.header) {
      continue;
    }
    // A stage that fails here has only lost its head start: on_message() is what counts, and it
    // fails there again if it has to.
    const auto begun =
        call_stage(stage, deadline, [this](StageSession& session) -> Result<Verdict> {
          session.on_header_complete(*transaction_);
          return Verdict{};
        });
    if (!begun) {
      log_.debug("stage.header_complete_failed", {{"error", begun.error().message}});
    }
  }
}

void PipelineSession::body(std::string_view chunk) {
  if (transaction_) {
    transaction_->receive_body(chunk);
  }
}

const Outcome& PipelineSession::message() {
  if (!transaction_) {
    // An MTA that skips MAIL FROM; nobody could be told of such a message, so it is not taken.
    outcome_ = {};
    collect_stages();
    decide(Action::tempfail, std::nullopt, std::nullopt, "end of message without MAIL FROM");
    return outcome_;
  }
  const auto begin = Clock::now();
  std::chrono::nanoseconds early{};
  for (const StageRun& run : runs_) {
    early += run.outcome.time;
  }
  outcome_ = {};
  transaction_->complete();
  if (refusal_ || transaction_->excess() != Excess::none) {
    decide_without_stages();
  } else {
    run_stages();
  }
  collect_stages();
  if (!ends_the_run(outcome_.action)) {
    outcome_.modifications = in_sending_order(transaction_->modifications());
  }
  outcome_.notes = transaction_->notes();
  outcome_.time = Clock::now() - begin + early;
  write_summary(log_, pipeline(), *transaction_, outcome_);
  return outcome_;
}

void PipelineSession::run_stages() {
  const auto deadline = Clock::now() + pipeline().limits().message_time;
  for (std::size_t stage = 0; stage < runs_.size(); ++stage) {
    StageRun& run = runs_[stage];
    if (!run.skipped && !run.session_over && !run.over) {
      const Verdict verdict = this->run(stage, "message", deadline, [this](StageSession& session) {
        return session.on_message(*transaction_);
      });
      if (ends_the_run(verdict.action)) {
        decide(verdict.action, stage, verdict.reply, verdict.reason);
        return;
      }
      if (verdict.action == Action::quarantine) {
        quarantines_.emplace_back(stage, verdict.reason);
      }
      if (!settle_watched()) {
        return;
      }
    }
    if (pipeline().slots()[stage].closes_auth_results) {
      write_auth_results(stage, deadline);
      if (ends_the_run(outcome_.action)) {
        return;
      }
    }
  }
  if (!run_end(deadline)) {
    return;
  }
  // Last, since MTAs stop asking other filters once a message is held.
  for (const auto& [stage, reason] : quarantines_) {
    transaction_->begin_turn(stage, deadline, log_);
    if (auto held = transaction_->quarantine(reason); !held) {
      const Verdict verdict = settle_error(stage, "quarantine", held.error());
      decide(ends_the_run(verdict.action) ? verdict.action : Action::tempfail, stage, verdict.reply,
             held.error().message);
      return;
    }
    if (outcome_.action == Action::proceed) {
      decide(Action::quarantine, stage, std::nullopt, reason);
    }
  }
}

/// on_end() of the stages that want it. False if one of them refused the message.
bool PipelineSession::run_end(Clock::time_point deadline) {
  for (std::size_t stage = 0; stage < runs_.size(); ++stage) {
    StageRun& run = runs_[stage];
    if (!pipeline().slots()[stage].needs.end || run.skipped || run.session_over || run.over) {
      continue;
    }
    StageOutcome judged = run.outcome;
    const Verdict verdict = this->run(stage, "end", deadline, [this](StageSession& session) {
      return session.on_end(*transaction_);
    });
    if (ends_the_run(verdict.action)) {
      decide(verdict.action, stage, verdict.reply, verdict.reason);
      return false;
    }
    if (verdict.action == Action::quarantine) {
      quarantines_.emplace_back(stage, verdict.reason);
    } else if (run.outcome.kind == StageOutcome::Kind::verdict) {
      judged.time = run.outcome.time;
      run.outcome = std::move(judged);
    }
    if (!settle_watched()) {
      return false;
    }
  }
  return true;
}

/// The one Authentication-Results field. A sender's forgeries in our name go even where there is
/// nothing to say, unless the stages worked and had nothing to say: then the message is one of ours
/// that was signed, and what stands in it was put there by this host before.
void PipelineSession::write_auth_results(std::size_t stage, Clock::time_point deadline) {
  const auto& slots = pipeline().slots();
  bool failed = false;
  bool ran = false;
  for (std::size_t index = 0; index <= stage; ++index) {
    if (slots[index].needs.reports_auth_results && !slots[index].settings.shadow) {
      failed = failed || runs_[index].outcome.kind == StageOutcome::Kind::error;
      ran = ran || !runs_[index].skipped;
    }
  }
  if (!ran || (!failed && transaction_->auth_results().empty())) {
    return;
  }
  log_.set_stage(slots[stage].settings.name);
  transaction_->begin_turn(stage, deadline, log_);
  watched_.clear();
  const auto written =
      replace_auth_results(*transaction_, authserv_id_, transaction_->auth_results());
  log_.set_stage({});
  if (written) {
    settle_watched();
    return;
  }
  transaction_->roll_back();
  const Verdict verdict = settle_error(stage, "authentication-results", written.error());
  if (ends_the_run(verdict.action)) {
    decide(verdict.action, stage, verdict.reply, verdict.reason);
  } else if (verdict.action == Action::quarantine) {
    quarantines_.emplace_back(stage, verdict.reason);
  }
}

void PipelineSession::decide(Action action, std::optional<std::size_t> stage,
                             const std::optional<Reply>& reply, std::string reason) {
  outcome_.action = action;
  outcome_.decided_by = stage;
  outcome_.reason = std::move(reason);
  outcome_.reply = action == Action::reject || action == Action::tempfail
                       ? std::optional(reply_for(action, reply))
                       : std::nullopt;
}

void PipelineSession::decide_without_stages() {
  if (refusal_) {
    decide(Action::tempfail, std::nullopt, refusal_, refusal_reason_);
    return;
  }
  auto excess =
      answer_for(transaction_->excess(), pipeline().limits(), transaction_->excess_reason());
  decide(excess.action, std::nullopt, excess.reply, std::move(excess.reason));
}

/// A refusal before the end of the message: of one recipient, or of all.
Answer PipelineSession::refuse_event(const char* event, std::string_view recipient, Verdict verdict,
                                     std::optional<std::size_t> stage) {
  outcome_ = {};
  decide(verdict.action, stage, verdict.reply, std::move(verdict.reason));
  collect_stages();
  const std::string client = client_of(settings_.facts);
  const std::string from =
      transaction_ ? "<" + transaction_->envelope().sender.path + ">" : std::string();
  const std::string reply_text = outcome_.reply ? one_line(*outcome_.reply) : std::string();
  const std::string to = recipient.empty() ? std::string() : "<" + std::string(recipient) + ">";
  std::vector<LogField> fields = {{"event", event},
                                  {"client", client},
                                  {"from", from},
                                  {"to", to},
                                  {"verdict", to_string(outcome_.action)}};
  if (stage) {
    fields.push_back({"decided_by", pipeline().slots()[*stage].settings.name});
  }
  fields.push_back({"reply", reply_text});
  fields.push_back({"reason", outcome_.reason});
  std::erase_if(fields, [](const LogField& field) { return field.value.empty(); });
  log_.write(LogLevel::info, "refused", fields);
  return {outcome_.action, outcome_.reply.value_or(Reply{})};
}

void PipelineSession::collect_stages() {
  outcome_.stages.clear();
  for (const StageRun& run : runs_) {
    outcome_.stages.push_back(run.outcome);
  }
}

void PipelineSession::end_transaction() {
  if (!transaction_) {
    return;
  }
  for (StageRun& run : runs_) {
    if (run.saw && run.session) {
      run.session->on_transaction_end();
    }
    run.saw = false;
    run.over = false;
    run.outcome = run.session_over ? run.session_outcome : StageOutcome{};
  }
  quarantines_.resize(session_quarantines_);
  transaction_.reset();
}

void PipelineSession::refuse(Reply reply, std::string reason) {
  refusal_ = std::move(reply);
  refusal_reason_ = std::move(reason);
}

void PipelineSession::delivery_failed(std::string_view why) {
  log_.error("edits.failed", {{"error", why}, {"verdict", to_string(Action::tempfail)}});
}

Value PipelineSession::describe(std::size_t stage) const {
  const StageRun& run = runs_[stage];
  const bool ran = run.session && run.outcome.kind != StageOutcome::Kind::skipped;
  return ran ? run.session->describe() : Value::Members{};
}

}  // namespace milterd
