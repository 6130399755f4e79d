#pragma once
/// What libclamav's callbacks need to know of the scan they are called for.

#include <chrono>
#include <string_view>

#include "milterd/cancellation.hpp"
#include "milterd/log.hpp"
#include "plugins/clamav/database/engine_settings.hpp"
#include "plugins/clamav/scanning/excess.hpp"
#include "plugins/clamav/scanning/found_names.hpp"
#include "plugins/clamav/scanning/temporary_directory.hpp"

struct cl_engine;

namespace milterd::clamav {

/// Lives as long as one scan, in one thread; libclamav passes it through.
class ScanContext {
 public:
  /// All but the deadline must outlive it.
  ScanContext(const EngineSettings& settings, std::chrono::steady_clock::time_point deadline,
              const TemporaryDirectory& temporary, Logger& log, const Cancellation& cancellation)
      : settings_(settings),
        deadline_(deadline),
        temporary_(temporary),
        log_(log),
        cancellation_(cancellation) {}

  /// libclamav found something of this name. Called by C, so neither this nor write_message()
  /// throws: where memory is short, lacked_resources().
  void add_name(std::string_view name) noexcept;
  /// libclamav is about to look at the message, or at a part of it of that type, in the file of
  /// `descriptor` unless that is negative. False: it must not, because the deadline is over or
  /// nobody waits any more, because the message is known to be infected already, or because the
  /// part would keep it busy for long.
  bool may_begin_part(int descriptor, std::string_view type);
  /// A part was scanned, and libclamav is about to remember it as clean. False: it must not.
  bool may_be_clean();
  /// Lines of the message were left out, unless it is none.
  void note_excess(Excess excess);
  /// Looks whether there is room for temporary files; where not, lacked_resources().
  void check_room();
  /// libclamav's own messages; after some, no more of this scan are written.
  void write_message(LogLevel level, std::string_view text) noexcept;

  const FoundNames& names() const { return names_; }
  bool cut_short() const { return cut_short_; }            ///< A part was cut off at max_file_size.
  bool unknown_method() const { return unknown_method_; }  ///< See zip_methods.hpp.
  Excess excess() const { return excess_; }
  bool stopped() const { return stopped_; }  ///< Something was left out at the deadline.
  CancelReason cancelled() const { return cancelled_; }  ///< Something was left out for that.
  bool begun() const { return begun_; }            ///< libclamav came as far as to look at it.
  bool had_errors() const { return had_errors_; }  ///< libclamav wrote of one.
  bool lacked_resources() const { return lacked_resources_; }  ///< Of files or memory.
  Shortage shortage() const { return shortage_; }  ///< The last one that check_room() saw.

 private:
  bool look_at_file(int descriptor, std::string_view type);  ///< False: it must not be scanned.

  const EngineSettings& settings_;
  std::chrono::steady_clock::time_point deadline_;
  const TemporaryDirectory& temporary_;
  Logger& log_;
  const Cancellation& cancellation_;
  FoundNames names_{settings_};
  bool cut_short_ = false;
  Excess excess_ = Excess::none;
  bool unknown_method_ = false;
  bool stopped_ = false;
  CancelReason cancelled_ = CancelReason::none;
  bool begun_ = false;
  bool had_errors_ = false;
  bool lacked_resources_ = false;
  Shortage shortage_ = Shortage::none;
  int messages_ = 0;
};

/// Makes scans with this engine call back into their ScanContext. Before the engine is compiled.
void install_scan_callbacks(cl_engine* engine);

}  // namespace milterd::clamav
