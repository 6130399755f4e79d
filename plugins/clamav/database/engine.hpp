#pragma once
/// A compiled libclamav engine.

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "milterd/log.hpp"
#include "milterd/result.hpp"
#include "plugins/clamav/database/database_directory.hpp"
#include "plugins/clamav/database/engine_settings.hpp"
#include "plugins/clamav/database/engine_slots.hpp"
#include "plugins/clamav/scanning/shortage_notice.hpp"
#include "plugins/clamav/scanning/temporary_directory.hpp"

struct cl_engine;

namespace milterd::clamav {

/// Immutable, shared by all scans.
class Engine {
 public:
  struct Facts {
    unsigned version = 0;  ///< Of ClamAV's own database; 0: none of it.
    unsigned signatures = 0;
    std::chrono::system_clock::time_point built;  ///< See DatabaseOrigin.
    std::chrono::system_clock::time_point loaded;
    std::chrono::milliseconds load_time{};
    std::uint64_t memory = 0;  ///< Bytes that loading it took, about.
  };

  /// Loads all signature files of `directory` and compiles them: seconds to minutes. A stop asked
  /// for makes it return soon, with an error. Warnings of libclamav go to `log`. Error: what does
  /// not load, with libclamav's reason.
  static Result<std::unique_ptr<const Engine>> load(const std::string& directory,
                                                    const DatabaseOrigin& origin,
                                                    const EngineSettings& settings,
                                                    EngineSlots::Slot slot,
                                                    const std::stop_token& stop, Logger& log);
  /// An engine without signatures: the first step of load().
  Engine(EngineSettings settings, EngineSlots::Slot slot, TemporaryDirectory temporary);
  ~Engine();  ///< Up to a second: see EngineReaper.
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const cl_engine* handle() const { return handle_.get(); }
  const EngineSettings& settings() const { return settings_; }
  const Facts& facts() const { return facts_; }
  /// Where its scans put their files. Once it was removed, every scan fails.
  const TemporaryDirectory& temporary() const { return temporary_; }
  ShortageNotice& shortage_notice() const { return shortage_notice_; }

 private:
  struct Free {
    void operator()(cl_engine* engine) const;
  };

  EngineSettings settings_;
  Facts facts_;
  // Freed from the last one up: the slot only when the memory is really back.
  EngineSlots::Slot slot_;
  TemporaryDirectory temporary_;
  mutable ShortageNotice shortage_notice_;  // Guards itself.
  std::unique_ptr<cl_engine, Free> handle_;
};

}  // namespace milterd::clamav
