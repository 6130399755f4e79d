#include "plugins/header_checks/header_checks_stage.hpp"

#include <initializer_list>

#include "plugins/header_checks/header_checks_session.hpp"

namespace milterd::header_checks {
namespace {

using Kind = RuleAction::Kind;

bool has_any(const ActionSet& actions, std::initializer_list<Kind> kinds) {
  for (const Kind kind : kinds) {
    if (actions.test(static_cast<std::size_t>(kind))) {
      return true;
    }
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<Stage>> HeaderChecksStage::make(Section& section, const StageEnv& env) {
  return std::make_unique<HeaderChecksStage>(read_config(section, env.load));
}

Needs HeaderChecksStage::needs() const {
  static constexpr std::initializer_list<Kind> edits = {Kind::prepend, Kind::replace, Kind::ignore,
                                                        Kind::strip};
  const Checks& checks = config_.checks;
  const ActionSet all = config_.field_actions | config_.body_actions | config_.edit_actions;
  Needs needs;
  needs.header = checks.look_at_messages();
  needs.body = checks.look_at_messages();
  needs.edits_header = has_any(config_.field_actions, edits);
  needs.edits_body = has_any(config_.body_actions, edits);
  needs.edits_recipients = has_any(all, {Kind::redirect, Kind::bcc});
  needs.quarantines = has_any(all, {Kind::hold});
  needs.end = has_any(all, {Kind::redirect});
  needs.header_edits = !checks.milter_header.empty();
  return needs;
}

std::unique_ptr<StageSession> HeaderChecksStage::open_session() const {
  return std::make_unique<HeaderChecksSession>(config_.checks);
}

}  // namespace milterd::header_checks
