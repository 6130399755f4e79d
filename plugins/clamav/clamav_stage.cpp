#include "plugins/clamav/clamav_stage.hpp"

#include <array>
#include <chrono>
#include <unistd.h>
#include <utility>

#include "plugins/clamav/clamav_session.hpp"
#include "plugins/clamav/libclamav_process.hpp"

namespace milterd::clamav {
namespace {

std::string host_name() {
  std::array<char, 256> name = {};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

}  // namespace

ClamavStage::ClamavStage(ClamavConfig config, std::shared_ptr<Database> database,
                         std::shared_ptr<ScanQueue> queue, std::string scanned_by)
    : config_(std::move(config)),
      scanned_by_(std::move(scanned_by)),
      database_(std::move(database)),
      queue_(std::move(queue)),
      command_(config_.virus_action.empty() ? nullptr
                                            : std::make_unique<VirusCommand>(process_log())) {}

Result<std::unique_ptr<Stage>> ClamavStage::make(Section& section, const StageEnv& env,
                                                 std::string_view version) {
  ClamavConfig config = read_config(section);
  const auto previous = std::dynamic_pointer_cast<const ClamavStage>(env.previous);
  std::shared_ptr<Database> database =
      previous ? previous->database_ : std::make_shared<Database>(process_log());
  std::shared_ptr<ScanQueue> queue = previous ? previous->queue_ : std::make_shared<ScanQueue>();
  const std::string host = config.report_hostname.empty() ? host_name() : config.report_hostname;
  auto stage =
      std::make_unique<ClamavStage>(std::move(config), std::move(database), std::move(queue),
                                    "milterd " + std::string(version) + " at " + host);
  if (const Result<> prepared = stage->prepare(env); !prepared) {
    return std::unexpected(prepared.error());
  }
  return stage;
}

Result<> ClamavStage::prepare(const StageEnv& env) {
  const auto previous = std::dynamic_pointer_cast<const ClamavStage>(env.previous);
  follows_ = previous ? previous->follows_ : env.load == Load::background;
  if (env.load == Load::background && !env.previous) {
    Result<DatabaseFiles> files = list_database_files(config_.database.directory);
    if (!files) {
      return std::unexpected(files.error());
    }
    if (!files->files.empty()) {
      database_->announce_load(config_.database, std::move(*files));
      load_later_ = true;
      return {};
    }
  }
  Result<std::optional<PreparedDatabase>> prepared = database_->prepare(
      config_.database, env.log, std::chrono::steady_clock::now() + Database::engine_wait,
      follows_ ? config_.updates.mode : ReloadMode::concurrent);
  if (!prepared) {
    return std::unexpected(prepared.error());
  }
  prepared_ = std::move(*prepared);
  return {};
}

Needs ClamavStage::needs() const {
  Needs needs;
  needs.image = true;
  needs.header = true;
  needs.body = true;
  needs.edits_header = config_.add_header != AddHeader::no;
  needs.quarantines = config_.policy.quarantines();
  if (config_.exemptions.asks_for_login()) {
    needs.macros.push_back({Event::mail, "{auth_authen}"});
  }
  return needs;
}

std::unique_ptr<StageSession> ClamavStage::open_session() const {
  return std::make_unique<ClamavSession>(
      ClamavSession::Parts{config_, *database_, *queue_, scanned_by_, command_.get()});
}

void ClamavStage::activate() noexcept {
  if (std::exchange(load_later_, false)) {
    database_->load_in_background();
  }
  if (prepared_) {
    database_->put_in_force(*std::exchange(prepared_, std::nullopt));
  }
  database_->set(config_.updates);
  queue_->set(config_.scan_bounds);
  if (follows_) {
    database_->follow_directory();
  }
}

}  // namespace milterd::clamav
