#pragma once
/// What libclamav's callbacks need to know of the scan they are called for.

#include <chrono>
#include <string>
#include <string_view>

#include "milterd/log.hpp"
#include "plugins/clamav/scanning/temporary_directory.hpp"

struct cl_engine;

namespace milterd::clamav {

/// Lives as long as one scan, in one thread; libclamav passes it through.
class ScanContext {
 public:
  ScanContext(std::chrono::steady_clock::time_point deadline, const TemporaryDirectory& temporary,
              Logger& log)
      : deadline_(deadline), temporary_(temporary), log_(log) {}

  /// Sorts a name that libclamav found: a signature, a limit that was hit, or our own stop.
  /// Called by C, so neither this nor write_message() throws: where memory is short,
  /// lacked_resources().
  void add_name(std::string_view name) noexcept;
  /// libclamav is about to look at the message, or at a part of it. False: it must not, because
  /// the deadline is over.
  bool may_begin_part();
  /// A part was scanned, and libclamav is about to remember it as clean. False: it must not.
  bool may_be_clean();
  /// Looks whether there is room for temporary files; where not, lacked_resources().
  void check_room();
  /// libclamav's own messages; after some, no more of this scan are written.
  void write_message(LogLevel level, std::string_view text) noexcept;

  const std::string& signature() const { return signature_; }  ///< The first one; "" none.
  const std::string& limit() const { return limit_; }  ///< "MaxFileSize" and so on; "" none.
  bool stopped() const { return stopped_; }            ///< Something was left out at the deadline.
  bool begun() const { return begun_; }                ///< libclamav came as far as to look at it.
  bool had_errors() const { return had_errors_; }      ///< libclamav wrote of one.
  bool lacked_resources() const { return lacked_resources_; }  ///< Of files or memory.

 private:
  std::chrono::steady_clock::time_point deadline_;
  const TemporaryDirectory& temporary_;
  Logger& log_;
  std::string signature_;
  std::string limit_;
  bool stopped_ = false;
  bool begun_ = false;
  bool had_errors_ = false;
  bool lacked_resources_ = false;
  int messages_ = 0;
};

/// Makes scans with this engine call back into their ScanContext. Before the engine is compiled.
void install_scan_callbacks(cl_engine* engine);

}  // namespace milterd::clamav
