#pragma once
/// The engine in force, and how another one takes its place.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "milterd/log.hpp"
#include "milterd/result.hpp"
#include "plugins/clamav/database/change_tracker.hpp"
#include "plugins/clamav/database/database_directory.hpp"
#include "plugins/clamav/database/engine.hpp"
#include "plugins/clamav/database/engine_reaper.hpp"
#include "plugins/clamav/database/engine_slots.hpp"
#include "plugins/clamav/database/update_settings.hpp"

namespace milterd::clamav {

/// What decides how an engine looks, beside the content of the files.
struct DatabaseSource {
  std::string directory;
  EngineSettings settings;
  bool operator==(const DatabaseSource&) const = default;
};

/// A database that is ready to be put in force.
struct PreparedDatabase {
  DatabaseSource source;
  DatabaseFiles files;
  std::shared_ptr<const Engine> engine;  ///< Null: the directory holds no database, or `later`.
  bool later = false;  ///< Memory does not hold two engines: the old one has to go first.
};

class DatabaseUpdater;

/// Shared by all stages that follow each other under one name, so that old sessions, too, scan with
/// the newest engine. At most two engines are in memory at any time, half-loaded and not yet freed
/// ones counted. Thread-safe.
class Database {
 public:
  /// How long a reload waits for the engine before the last one to go.
  static constexpr std::chrono::seconds engine_wait{30};

  /// `log` must outlive the database.
  explicit Database(Logger& log);
  ~Database();  ///< Cuts a load short and waits for its end.
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// From now on: the age that is warned of or refused, and how the directory is looked after.
  void set(const UpdateSettings& settings);
  UpdateSettings update_settings() const;
  /// Takes in by itself what changes in the directory, from now on and in a thread.
  void follow_directory(ChangeTracker::Times times = {});

  /// Loads what `source` asks for, beside what is in force. Empty where that is the same already.
  /// Where `mode` or the memory wants the old engine to go first, the database comes `later`, by
  /// follow_directory(): a reload that is given up must leave everything as it was.
  /// An empty or missing directory is a database without an engine, with a warning in `log`, unless
  /// it would take the place of an engine from the very same directory. Error: what, where, why.
  Result<std::optional<PreparedDatabase>> prepare(
      const DatabaseSource& source, Logger& log,
      std::chrono::steady_clock::time_point slot_deadline,
      ReloadMode mode = ReloadMode::concurrent);
  void put_in_force(PreparedDatabase prepared);

  /// What is there to compare a directory with.
  struct InForce {
    DatabaseSource source;
    DatabaseFiles files;
    bool has_engine = false;
    bool temporary_exists = false;  ///< The engine's directory for temporary files.
    Engine::Facts facts = {};
  };
  InForce in_force() const;
  /// Loads these files of the directory in force, and puts them in force: concurrently, or
  /// exclusively, by settings and memory. In the calling thread. Error: what does not load; the old
  /// engine stays in force, unless it had to go first.
  Result<> update(const DatabaseFiles& files, const std::stop_token& stop);

  /// From now on loading() is true and current() waits. Once, before anything was prepared.
  void announce_load(DatabaseSource source, DatabaseFiles files);
  /// Loads in a thread what was announced; the outcome is in the log.
  void load_in_background();
  bool loading() const;

  /// The engine to scan with; waits for one that is being loaded, unless that is cancelled. Error:
  /// the reason why there is none, in a few words.
  Result<std::shared_ptr<const Engine>> current(std::chrono::steady_clock::time_point deadline,
                                                const std::stop_token& cancelled = {}) const;

  std::size_t engines_alive() const { return slots_.taken(); }

 private:
  Result<std::shared_ptr<const Engine>> load_engine(const DatabaseSource& source,
                                                    const DatabaseFiles& files,
                                                    EngineSlots::Slot slot,
                                                    const std::stop_token& stop, Logger& log);
  void load_announced(const std::stop_token& stop);
  void log_engine(const PreparedDatabase& prepared);
  /// Why the engine in force has to go before these files can be loaded; "" where it need not.
  std::string why_alone(ReloadMode mode, const DatabaseFiles& files) const;
  Result<> update_beside(const PreparedDatabase& wanted, const std::stop_token& stop);
  Result<> update_alone(const PreparedDatabase& wanted, const std::stop_token& stop);
  void swap_in(PreparedDatabase prepared);

  Logger& log_;
  EngineSlots slots_{2};
  std::shared_ptr<EngineReaper> reaper_ = std::make_shared<EngineReaper>();

  std::mutex loading_turn_;  ///< Held while an engine is made: one at a time. Before mutex_.
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  PreparedDatabase current_;
  std::string why_none_ = "no database";
  bool loading_ = false;
  UpdateSettings settings_;
  std::uint64_t engine_memory_ = 0;  ///< Bytes of the largest engine so far.
  std::jthread loader_;
  std::unique_ptr<DatabaseUpdater> updater_;  ///< Null until follow_directory().
};

/// Warns of a directory that holds no database.
void warn_of_missing_database(const std::string& directory, const DatabaseFiles& files,
                              Logger& log);

}  // namespace milterd::clamav
