#include <exception>
#include <string>
#include <utility>

#include "milterd/pipeline/pipeline_session.hpp"

namespace milterd {

void PipelineSession::about_to_write(HeaderEdit& edit) {
  const auto& slots = pipeline().slots();
  for (std::size_t stage = 0; stage < runs_.size() && edit.keep; ++stage) {
    StageRun& run = runs_[stage];
    const bool failed = run.over && run.outcome.kind == StageOutcome::Kind::error;
    if (!slots[stage].needs.header_edits || run.skipped || run.session_over || failed) {
      continue;
    }
    const bool shadow = slots[stage].settings.shadow;
    const auto begin = Clock::now();
    HeaderEdit answered = edit;
    log_.set_stage(slots[stage].settings.name);
    auto outer = transaction_->begin_inner_turn(stage);
    Result<Verdict> verdict;
    try {
      if (!run.session) {
        run.session = slots[stage].stage->open_session();
      }
      run.saw = true;
      verdict = run.session ? run.session->on_header_edit(*transaction_, answered)
                            : fail("it opened no session");
    } catch (const std::exception& error) {
      verdict = fail(std::string("it threw: ") + error.what());
    } catch (...) {
      verdict = fail("it threw something that is no exception");
    }
    if (!verdict || shadow) {
      transaction_->roll_back();
    }
    transaction_->end_inner_turn(std::move(outer));
    log_.set_stage(slots[edit.stage].settings.name);
    run.outcome.time += Clock::now() - begin;
    if (!verdict) {
      Verdict settled = settle_error(stage, "header_edit", verdict.error());
      log_.set_stage(slots[edit.stage].settings.name);
      if (settled.action != Action::proceed) {
        watched_.push_back({stage, std::move(settled)});
      }
    } else if (!shadow) {
      edit = std::move(answered);
      if (verdict->action != Action::proceed && verdict->action != Action::accept) {
        watched_.push_back({stage, *std::move(verdict)});
      }
    } else if (verdict->action != Action::proceed && verdict->action != Action::accept) {
      log_shadow(stage, "header_edit", *verdict);
      log_.set_stage(slots[edit.stage].settings.name);
    }
  }
}

bool PipelineSession::settle_watched() {
  for (auto& [stage, verdict] : std::exchange(watched_, {})) {
    if (verdict.action == Action::quarantine) {
      quarantines_.emplace_back(stage, std::move(verdict.reason));
      continue;
    }
    StageRun& run = runs_[stage];
    if (run.outcome.kind != StageOutcome::Kind::error) {
      run.outcome.kind = StageOutcome::Kind::verdict;
      run.outcome.action = verdict.action;
      run.outcome.reason = verdict.reason;
    }
    decide(verdict.action, stage, verdict.reply, std::move(verdict.reason));
    return false;
  }
  return true;
}

}  // namespace milterd
