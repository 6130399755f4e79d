#pragma once
/// The header_checks stage: its tables, read anew at each reload.

#include <memory>
#include <utility>

#include "milterd/stage.hpp"
#include "plugins/header_checks/header_checks_config.hpp"

namespace milterd::header_checks {

class HeaderChecksStage final : public Stage {
 public:
  explicit HeaderChecksStage(HeaderChecksConfig config) : config_(std::move(config)) {}

  /// Faults go to the section.
  static Result<std::unique_ptr<Stage>> make(Section& section, const StageEnv& env);

  Needs needs() const override;
  std::unique_ptr<StageSession> open_session() const override;

 private:
  HeaderChecksConfig config_;
};

}  // namespace milterd::header_checks
