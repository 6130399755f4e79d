#pragma once
/// The clamav stage: its settings, and its part in loading and reloading the database.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "milterd/stage.hpp"
#include "plugins/clamav/clamav_config.hpp"
#include "plugins/clamav/database/database.hpp"
#include "plugins/clamav/report/virus_command.hpp"
#include "plugins/clamav/scanning/scan_queue.hpp"

namespace milterd::clamav {

class ClamavStage final : public Stage {
 public:
  /// `version` is milterd's, for the header. start_libclamav() must have been called.
  static Result<std::unique_ptr<Stage>> make(Section& section, const StageEnv& env,
                                             std::string_view version);

  Needs needs() const override;
  std::unique_ptr<StageSession> open_session() const override;
  void activate() noexcept override;
  bool ready() const override { return !database_->loading(); }

  std::size_t engines_alive() const { return database_->engines_alive(); }

  /// Without a database yet: the first step of make().
  ClamavStage(ClamavConfig config, std::shared_ptr<Database> database,
              std::shared_ptr<ScanQueue> queue, std::string scanned_by);

 private:
  Result<> prepare(const StageEnv& env);

  ClamavConfig config_;
  std::string scanned_by_;
  std::shared_ptr<Database> database_;
  std::shared_ptr<ScanQueue> queue_;       ///< Shared, like the database, with the stage before.
  std::unique_ptr<VirusCommand> command_;  ///< Null: no virus_action.
  std::optional<PreparedDatabase> prepared_;
  bool load_later_ = false;
  bool follows_ = false;  ///< The daemon runs: changes of the database are taken in.
};

}  // namespace milterd::clamav
