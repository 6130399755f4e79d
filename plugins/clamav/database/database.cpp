#include "plugins/clamav/database/database.hpp"

#include <utility>

#include "plugins/clamav/background_thread.hpp"
#include "plugins/clamav/database/engine_trial.hpp"

namespace milterd::clamav {

void warn_of_missing_database(const std::string& directory, const DatabaseFiles& files,
                              Logger& log) {
  log.warn("clamav.no_database",
           {{"directory", directory},
            {"text", files.directory_exists
                         ? "the directory holds no signature database: messages stay unscanned and "
                           "get on_fail; put one there and reload"
                         : "the directory does not exist: messages stay unscanned and get on_fail; "
                           "put a signature database there and reload"}});
}

Database::Database(Logger& log) : log_(log) {}

Database::~Database() {
  if (loader_.joinable()) {
    loader_.request_stop();
    loader_.join();
  }
}

Result<std::shared_ptr<const Engine>> Database::load_engine(const DatabaseSource& source,
                                                            const DatabaseFiles& files,
                                                            EngineSlots::Slot slot,
                                                            const std::stop_token& stop,
                                                            Logger& log) {
  Result<std::unique_ptr<const Engine>> engine =
      Engine::load(source.directory, database_version(source.directory, files), source.settings,
                   std::move(slot), stop, log);
  if (!engine) {
    return std::unexpected(engine.error());
  }
  if (const Result<> tried = try_engine(**engine, log); !tried) {
    return fail("cannot use the signature database in '" + source.directory +
                "': " + tried.error().message);
  }
  return EngineReaper::share(std::move(*engine), reaper_);
}

Result<std::optional<PreparedDatabase>> Database::prepare(
    const DatabaseSource& source, Logger& log,
    std::chrono::steady_clock::time_point slot_deadline) {
  Result<DatabaseFiles> files = list_database_files(source.directory);
  if (!files) {
    return std::unexpected(files.error());
  }
  const bool empty = files->files.empty();
  {
    const std::lock_guard lock(mutex_);
    const bool same_source = source == current_.source;
    if (!empty && same_source && *files == current_.files &&
        (current_.engine ? current_.engine->temporary().exists() : loading_)) {
      return std::nullopt;
    }
    if (empty && current_.engine && source.directory == current_.source.directory) {
      return fail("the signature database in '" + source.directory +
                  "' is gone: put it back, or name another database_directory");
    }
  }
  if (empty) {
    warn_of_missing_database(source.directory, *files, log);
    return PreparedDatabase{source, std::move(*files), nullptr};
  }
  std::optional<EngineSlots::Slot> slot = slots_.take(slot_deadline);
  if (!slot) {
    return fail("cannot load the signature database in '" + source.directory +
                "': previous engine still in use; reload again when its last scan has ended");
  }
  Result<std::shared_ptr<const Engine>> engine =
      load_engine(source, *files, std::move(*slot), {}, log);
  if (!engine) {
    return std::unexpected(engine.error());
  }
  return PreparedDatabase{source, std::move(*files), std::move(*engine)};
}

void Database::put_in_force(PreparedDatabase prepared) {
  if (prepared.engine) {
    log_engine(prepared);
  }
  {
    const std::lock_guard lock(mutex_);
    // What was loaded at the reload is newer than what still loads in the background.
    loader_.request_stop();
    loading_ = false;
    why_none_ = "no database";
    std::swap(current_, prepared);
  }
  changed_.notify_all();
}

void Database::announce_load(DatabaseSource source, DatabaseFiles files) {
  const std::lock_guard lock(mutex_);
  current_ = {std::move(source), std::move(files), nullptr};
  loading_ = true;
}

void Database::load_in_background() {
  loader_ = start_background_thread([this](const std::stop_token& stop) { load_announced(stop); });
}

void Database::load_announced(const std::stop_token& stop) {
  PreparedDatabase prepared;
  {
    const std::lock_guard lock(mutex_);
    prepared = current_;
  }
  Result<std::shared_ptr<const Engine>> engine = fail("previous engine still in use");
  if (auto slot = slots_.take(std::chrono::steady_clock::now() + engine_wait)) {
    engine = load_engine(prepared.source, prepared.files, std::move(*slot), stop, log_);
  }
  if (engine) {
    prepared.engine = *engine;
    log_engine(prepared);
  } else if (!stop.stop_requested()) {
    log_.error("clamav.database_failed",
               {{"text", engine.error().message +
                             "; messages stay unscanned and get on_fail until a reload"}});
  }
  {
    const std::lock_guard lock(mutex_);
    if (stop.stop_requested()) {
      return;
    }
    loading_ = false;
    why_none_ = "database did not load";
    std::swap(current_.engine, prepared.engine);
  }
  changed_.notify_all();
}

bool Database::loading() const {
  const std::lock_guard lock(mutex_);
  return loading_;
}

Result<std::shared_ptr<const Engine>> Database::current(
    std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock(mutex_);
  if (!current_.engine && loading_ &&
      !changed_.wait_until(lock, deadline, [this] { return current_.engine || !loading_; })) {
    return fail("database still loading");
  }
  if (!current_.engine) {
    return fail(why_none_);
  }
  return current_.engine;
}

void Database::log_engine(const PreparedDatabase& prepared) {
  const Engine::Facts& facts = prepared.engine->facts();
  log_.info("clamav.database_loaded", {{"directory", prepared.source.directory},
                                       {"signatures", std::to_string(facts.signatures)},
                                       {"version", std::to_string(facts.version)},
                                       {"ms", std::to_string(facts.load_time.count())},
                                       {"engines", std::to_string(engines_alive())}});
}

}  // namespace milterd::clamav
