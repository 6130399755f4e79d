#pragma once
/// Scans one message.

#include <chrono>
#include <string_view>

#include "milterd/cancellation.hpp"
#include "milterd/log.hpp"
#include "plugins/clamav/database/engine.hpp"
#include "plugins/clamav/scanning/scan_result.hpp"

namespace milterd::clamav {

/// `image` begins with a header field of our own: libclamav takes a message for something else
/// where its first field is chosen so. Whatever was left out makes the message unscanned, never
/// clean; a signature that was found all the same makes it infected. Blocks until max_scan_time of
/// the engine, `deadline` or `cancellation`. The latter two are looked at between the parts of a
/// message. Needs 2 MiB of stack. Thread-safe.
ScanResult scan(const Engine& engine, std::string_view image,
                std::chrono::steady_clock::time_point deadline, Logger& log,
                const Cancellation& cancellation);
/// The same for one that nobody cancels.
ScanResult scan(const Engine& engine, std::string_view image,
                std::chrono::steady_clock::time_point deadline, Logger& log);

/// What a message is that nobody waits for any more.
ScanResult cancelled_scan(CancelReason reason);

}  // namespace milterd::clamav
