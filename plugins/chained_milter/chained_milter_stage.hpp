#pragma once
/// The chained_milter stage: other people's filters, run as Postfix runs them.

#include <memory>
#include <utility>
#include <vector>

#include "milterd/stage.hpp"
#include "plugins/chained_milter/milters_setting.hpp"

namespace milterd::chained_milter {

class ChainedMilterStage final : public Stage {
 public:
  /// `log` outlives it.
  ChainedMilterStage(std::vector<ChildSettings> children, Logger& log)
      : children_(std::move(children)), log_(log) {}

  /// Faults go to the section.
  static Result<std::unique_ptr<Stage>> make(Section& section, const StageEnv& env);

  Needs needs() const override;
  std::unique_ptr<StageSession> open_session() const override;

 private:
  std::vector<ChildSettings> children_;
  Logger& log_;
};

}  // namespace milterd::chained_milter
