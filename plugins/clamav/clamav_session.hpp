#pragma once
/// Scans the messages of one SMTP connection, in the thread that calls.

#include <memory>
#include <optional>
#include <string>

#include "milterd/stage.hpp"
#include "plugins/clamav/clamav_config.hpp"
#include "plugins/clamav/database/database.hpp"
#include "plugins/clamav/report/virus_command.hpp"
#include "plugins/clamav/scanning/scan.hpp"
#include "plugins/clamav/scanning/scan_queue.hpp"

namespace milterd::clamav {

class ClamavSession final : public StageSession {
 public:
  /// All of it belongs to the stage, which outlives its sessions.
  struct Parts {
    const ClamavConfig& config;
    const Database& database;
    ScanQueue& queue;
    const std::string& scanned_by;  ///< For X-Virus-Scanned.
    VirusCommand* command;          ///< Null: no virus_action.
  };
  explicit ClamavSession(const Parts& parts) : parts_(parts) {}

  Result<Verdict> on_message(Transaction& transaction) override;
  Value describe() const override;
  void on_transaction_end() noexcept override {
    last_.reset();
    skipped_.clear();
  }

 private:
  /// Facts instead of the engine: a finished message must not keep an old engine in memory.
  struct Scanned {
    ScanResult result;
    std::optional<Engine::Facts> engine;
  };
  Scanned scan_message(Transaction& transaction) const;
  Result<Verdict> skip(Transaction& transaction, const std::string& why);
  void tell(Transaction& transaction, const ScanResult& result) const;

  Parts parts_;
  std::optional<Scanned> last_;
  std::string skipped_;  ///< Why the last message was not scanned.
};

}  // namespace milterd::clamav
