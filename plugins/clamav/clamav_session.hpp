#pragma once
/// Scans the messages of one SMTP connection, in the thread that calls.

#include <memory>
#include <optional>
#include <string>

#include "milterd/stage.hpp"
#include "plugins/clamav/clamav_config.hpp"
#include "plugins/clamav/database/database.hpp"
#include "plugins/clamav/scanning/scan.hpp"

namespace milterd::clamav {

class ClamavSession final : public StageSession {
 public:
  /// All three belong to the stage, which outlives its sessions.
  ClamavSession(const ClamavConfig& config, const Database& database, const std::string& scanned_by)
      : config_(config), database_(database), scanned_by_(scanned_by) {}

  Result<Verdict> on_message(Transaction& transaction) override;
  Value describe() const override;
  void on_transaction_end() noexcept override { last_.reset(); }

 private:
  /// Facts instead of the engine: a finished message must not keep an old engine in memory.
  struct Scanned {
    ScanResult result;
    std::optional<Engine::Facts> engine;
  };
  Scanned scan_message(Transaction& transaction) const;

  const ClamavConfig& config_;
  const Database& database_;
  const std::string& scanned_by_;
  std::optional<Scanned> last_;
};

}  // namespace milterd::clamav
