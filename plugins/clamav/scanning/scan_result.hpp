#pragma once
/// What is known of a message once it was scanned, or could not be.

#include <cstdint>
#include <string>
#include <utility>

namespace milterd::clamav {

/// Why a message, or a part of it, was not looked at.
enum class Unscanned : std::uint8_t {
  // By what the message is:
  size,          ///< max_file_size, max_scan_size and the other limits of bytes.
  time,          ///< max_scan_time
  recursion,     ///< max_recursion
  files,         ///< max_files
  encrypted,     ///< A part that only its password opens.
  parser_error,  ///< A part that is broken.
  // By the state of the scanner, whatever the message is:
  no_database,  ///< None there, still loading, or too old.
  busy,         ///< The queue is full, or the message's time ran out in it.
  shut_down,    ///< milterd stops.
  client_gone,  ///< Nobody waits for the answer any more.
  failed,       ///< No room for temporary files, no memory, a fault of libclamav.
};

/// True: the message is not to blame, and the same message may be scanned later.
constexpr bool scanner_failed(Unscanned reason) { return reason >= Unscanned::no_database; }

struct ScanResult {
  enum class Status : std::uint8_t { clean, infected, unscanned };
  Status status = Status::unscanned;
  /// Infected: libclamav's name. Unscanned: the reason in a few words, a limit by the key of the
  /// configuration that sets it. Clean: "".
  std::string text = {};
  Unscanned reason = Unscanned::failed;  ///< Only where unscanned.

  static ScanResult clean() { return {Status::clean, {}, {}}; }
  static ScanResult infected(std::string signature) {
    return {Status::infected, std::move(signature), {}};
  }
  static ScanResult unscanned(Unscanned reason, std::string text) {
    return {Status::unscanned, std::move(text), reason};
  }

  bool scanner_failed() const {
    return status == Status::unscanned && clamav::scanner_failed(reason);
  }
};

}  // namespace milterd::clamav
