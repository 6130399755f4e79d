#include "plugins/clamav/database/database.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "plugins/clamav/background_thread.hpp"
#include "plugins/clamav/database/database_updater.hpp"
#include "plugins/clamav/database/engine_trial.hpp"
#include "plugins/clamav/database/memory_budget.hpp"

namespace milterd::clamav {
namespace {

std::uint64_t total_size(const DatabaseFiles& files) {
  std::uint64_t total = 0;
  for (const DatabaseFile& file : files.files) {
    total += file.size;
  }
  return total;
}

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes / 1024 / 1024); }

/// A file that was cut between two lines loads without a word.
bool lost_most(unsigned before, unsigned now) {
  constexpr unsigned few = 1000;
  return before >= few && now < before / 2;
}

}  // namespace

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
  updater_.reset();
  if (loader_.joinable()) {
    loader_.request_stop();
    loader_.join();
  }
}

void Database::set(const UpdateSettings& settings) {
  {
    const std::lock_guard lock(mutex_);
    settings_ = settings;
  }
  if (updater_) {
    updater_->look_now();
  }
}

UpdateSettings Database::update_settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

void Database::follow_directory(ChangeTracker::Times times) {
  if (!updater_) {
    updater_ = std::make_unique<DatabaseUpdater>(*this, log_, times);
  }
}

Result<std::shared_ptr<const Engine>> Database::load_engine(const DatabaseSource& source,
                                                            const DatabaseFiles& files,
                                                            EngineSlots::Slot slot,
                                                            const std::stop_token& stop,
                                                            Logger& log) {
  Result<std::unique_ptr<const Engine>> engine =
      Engine::load(source.directory, database_origin(source.directory, files), source.settings,
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
    const DatabaseSource& source, Logger& log, std::chrono::steady_clock::time_point slot_deadline,
    ReloadMode mode) {
  const auto begin = std::chrono::steady_clock::now();
  const std::lock_guard turn(loading_turn_);
  const auto waited = std::chrono::steady_clock::now() - begin;
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
  if (!why_alone(mode, *files).empty()) {
    return PreparedDatabase{source, {}, nullptr, true};
  }
  std::optional<EngineSlots::Slot> slot = slots_.take(slot_deadline + waited);
  if (!slot) {
    return fail("cannot load the signature database in '" + source.directory +
                "': previous engine still in use; reload again when its last scan has ended");
  }
  // In a thread of its own, which can give way; the host's thread could never be as before.
  std::packaged_task<Result<std::shared_ptr<const Engine>>()> load([&] {
    give_way_to_mail();
    return load_engine(source, *files, std::move(*slot), {}, log);
  });
  start_background_thread([&](const std::stop_token&) { load(); }).join();
  Result<std::shared_ptr<const Engine>> engine = load.get_future().get();
  if (!engine) {
    return std::unexpected(engine.error());
  }
  return PreparedDatabase{source, std::move(*files), std::move(*engine)};
}

void Database::put_in_force(PreparedDatabase prepared) {
  if (prepared.later) {
    // The files in force are none, so the updater sees a change and loads what is there.
    const std::lock_guard lock(mutex_);
    current_.source = std::move(prepared.source);
    current_.files = {};
    return;
  }
  swap_in(std::move(prepared));
}

void Database::swap_in(PreparedDatabase prepared) {
  if (prepared.engine) {
    log_engine(prepared);
  }
  {
    const std::lock_guard lock(mutex_);
    // What was loaded at the reload is newer than what still loads in the background.
    loader_.request_stop();
    loading_ = false;
    why_none_ = "no database";
    if (prepared.engine) {
      engine_memory_ = std::max(engine_memory_, prepared.engine->facts().memory);
    }
    std::swap(current_, prepared);
  }
  changed_.notify_all();
}

Database::InForce Database::in_force() const {
  const std::lock_guard lock(mutex_);
  InForce found{.source = current_.source, .files = current_.files};
  if (current_.engine) {
    found.has_engine = true;
    found.temporary_exists = current_.engine->temporary().exists();
    found.facts = current_.engine->facts();
  }
  return found;
}

std::string Database::why_alone(ReloadMode mode, const DatabaseFiles& files) const {
  std::uint64_t needed = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!current_.engine || mode == ReloadMode::concurrent) {
      return "";
    }
    needed = memory_needed(engine_memory_, total_size(current_.files), total_size(files));
  }
  if (mode == ReloadMode::exclusive) {
    return "reload is exclusive";
  }
  const std::optional<std::uint64_t> available = available_memory();
  return available && *available < needed
             ? mebibytes(needed) + " MiB of memory would be needed beside the engine in force, " +
                   mebibytes(*available) + " MiB are available"
             : "";
}

Result<> Database::update(const DatabaseFiles& files, const std::stop_token& stop) {
  const std::lock_guard turn(loading_turn_);
  PreparedDatabase wanted;
  ReloadMode mode{};
  {
    const std::lock_guard lock(mutex_);
    wanted = {current_.source, files, nullptr};
    mode = settings_.mode;
  }
  const std::string why = why_alone(mode, files);
  log_.info("clamav.database_changed",
            {{"directory", wanted.source.directory},
             {"reload", why.empty() ? "concurrent" : "exclusive"},
             {"reason", why.empty() ? "there is memory for two engines" : why}});
  return why.empty() ? update_beside(wanted, stop) : update_alone(wanted, stop);
}

Result<> Database::update_beside(const PreparedDatabase& wanted, const std::stop_token& stop) {
  std::optional<EngineSlots::Slot> slot =
      slots_.take(std::chrono::steady_clock::now() + engine_wait);
  if (!slot) {
    return fail("cannot load the signature database in '" + wanted.source.directory +
                "': previous engine still in use");
  }
  auto engine = load_engine(wanted.source, wanted.files, std::move(*slot), stop, log_);
  if (!engine) {
    return std::unexpected(engine.error());
  }
  const InForce before = in_force();
  if (before.has_engine && lost_most(before.facts.signatures, (*engine)->facts().signatures)) {
    return fail("the signature database in '" + wanted.source.directory + "' has only " +
                std::to_string((*engine)->facts().signatures) + " signatures where " +
                std::to_string(before.facts.signatures) +
                " are in force: not taken in by itself; a reload by signal takes it");
  }
  swap_in({wanted.source, wanted.files, std::move(*engine)});
  return {};
}

Result<> Database::update_alone(const PreparedDatabase& wanted, const std::stop_token& stop) {
  const std::string cannot =
      "cannot load the signature database in '" + wanted.source.directory + "': ";
  const unsigned signatures_before = in_force().facts.signatures;
  std::weak_ptr<const Engine> old;
  {
    const std::lock_guard lock(mutex_);
    old = current_.engine;
    current_.engine.reset();
    loading_ = true;
  }
  const auto give_back = [&](std::string why_none) {
    {
      const std::lock_guard lock(mutex_);
      current_.engine = old.lock();
      loading_ = false;
      why_none_ = std::move(why_none);
    }
    changed_.notify_all();
  };
  const auto longest_scan = wanted.source.settings.max_scan_time + engine_wait;
  if (!slots_.wait_for_none(std::chrono::steady_clock::now() + longest_scan)) {
    give_back("no database");
    return fail(cannot + "previous engine still in use");
  }
  std::optional<EngineSlots::Slot> slot =
      slots_.take(std::chrono::steady_clock::now() + engine_wait);
  if (!slot) {
    give_back("no database");
    return fail(cannot + "another engine is in use");
  }
  auto engine = load_engine(wanted.source, wanted.files, std::move(*slot), stop, log_);
  if (!engine) {
    give_back("database did not load");
    return std::unexpected(engine.error());
  }
  if (const unsigned now = (*engine)->facts().signatures; lost_most(signatures_before, now)) {
    log_.warn("clamav.database_shrunk",
              {{"directory", wanted.source.directory},
               {"signatures_before", std::to_string(signatures_before)},
               {"signatures", std::to_string(now)},
               {"text", "taken all the same: the previous engine had to go first"}});
  }
  swap_in({wanted.source, wanted.files, std::move(*engine)});
  return {};
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
  const std::lock_guard turn(loading_turn_);
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
               {{"text", engine.error().message},
                {"effect", "messages stay unscanned and get on_fail until it changes"}});
  }
  {
    const std::lock_guard lock(mutex_);
    if (stop.stop_requested()) {
      return;
    }
    loading_ = false;
    why_none_ = "database did not load";
    if (prepared.engine) {
      engine_memory_ = prepared.engine->facts().memory;
    }
    std::swap(current_.engine, prepared.engine);
  }
  changed_.notify_all();
}

bool Database::loading() const {
  const std::lock_guard lock(mutex_);
  return loading_;
}

Result<std::shared_ptr<const Engine>> Database::current(
    std::chrono::steady_clock::time_point deadline, const std::stop_token& cancelled) const {
  std::unique_lock lock(mutex_);
  if (!current_.engine && loading_ && !changed_.wait_until(lock, cancelled, deadline, [this] {
        return current_.engine || !loading_;
      })) {
    return fail("database still loading");
  }
  if (!current_.engine) {
    return fail(why_none_);
  }
  if (settings_.fail_if_older_than.count() != 0 &&
      std::chrono::system_clock::now() - current_.engine->facts().built >
          settings_.fail_if_older_than) {
    return fail("database too old");
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
