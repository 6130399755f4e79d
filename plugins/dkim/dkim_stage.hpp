#pragma once
/// The dkim stage: signs our mail, verifies everybody else's.

#include <memory>

#include "milterd/stage.hpp"
#include "plugins/dkim/dkim_config.hpp"
#include "plugins/dkim/verifying/verifier.hpp"

namespace milterd::dkim {

class DkimStage final : public Stage {
 public:
  /// `resolver` outlives the stage; test_public_keys stand in for it where they are given.
  DkimStage(DkimConfig config, Verifier verifier, Resolver& resolver);

  Needs needs() const override;
  std::unique_ptr<StageSession> open_session() const override;

  const DkimConfig& config() const { return config_; }
  const Verifier& verifier() const { return verifier_; }
  /// Where keys come from.
  Resolver& keys() const { return keys_; }

 private:
  DkimConfig config_;
  Verifier verifier_;
  Resolver& keys_;
};

/// Plugin::make_stage
Result<std::unique_ptr<Stage>> make_dkim_stage(Section& section, const StageEnv& env);

}  // namespace milterd::dkim
