#include "plugins/dkim/dkim_stage.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "plugins/dkim/dkim_session.hpp"
#include "plugins/dkim/keys/published_key.hpp"

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
  needs.edits_header = config_.decision.sign || config_.signing.software_header;
  needs.quarantines =
      config_.verifying.on_malformed_from == Action::quarantine ||
      std::ranges::find(config_.actions, Action::quarantine) != config_.actions.end();
  needs.reports_auth_results = config_.decision.verify;
  needs.end = config_.decision.sign;
  for (std::string& name : macros_of(config_.decision)) {
    needs.macros.push_back({Event::mail, std::move(name)});
  }
  return needs;
}

std::unique_ptr<StageSession> DkimStage::open_session() const {
  return std::make_unique<DkimSession>(*this);
}

Result<std::unique_ptr<Stage>> make_dkim_stage(Section& section, const StageEnv& env) {
  DkimConfig config = read_config(section);
  if (env.load == Load::check && config.signers != nullptr) {
    check_published_keys(section, *config.signers, keys_of(config, env.resolver));
  }
  auto verifier = Verifier::open();
  if (!verifier) {
    return std::unexpected(std::move(verifier.error()));
  }
  return std::make_unique<DkimStage>(std::move(config), std::move(*verifier), env.resolver);
}

}  // namespace milterd::dkim
