#include "plugins/dkim/dkim_stage.hpp"

#include <algorithm>
#include <utility>

#include "plugins/dkim/dkim_session.hpp"

namespace milterd::dkim {

namespace {

Resolver& keys_of(const DkimConfig& config, Resolver& resolver) {
  return config.test_public_keys ? *config.test_public_keys : resolver;
}

}  // namespace

DkimStage::DkimStage(DkimConfig config, Verifier verifier, Resolver& resolver)
    : config_(std::move(config)),
      verifier_(std::move(verifier)),
      keys_(keys_of(config_, resolver)) {}

Needs DkimStage::needs() const {
  Needs needs;
  needs.header = true;
  needs.body = true;
  needs.edits_header = config_.rules.sign;
  needs.quarantines =
      std::ranges::find(config_.actions, Action::quarantine) != config_.actions.end();
  needs.reports_auth_results = config_.rules.verify;
  needs.macros = {{Event::mail, "{auth_authen}"}};
  return needs;
}

std::unique_ptr<StageSession> DkimStage::open_session() const {
  return std::make_unique<DkimSession>(*this);
}

Result<std::unique_ptr<Stage>> make_dkim_stage(Section& section, const StageEnv& env) {
  DkimConfig config = read_config(section);
  auto verifier = Verifier::open();
  if (!verifier) {
    return std::unexpected(std::move(verifier.error()));
  }
  return std::make_unique<DkimStage>(std::move(config), std::move(*verifier), env.resolver);
}

}  // namespace milterd::dkim
