#pragma once
/// libmilter's own messages, which it gives to syslog, on their way into our log.

#include <string_view>

#include "milterd/log.hpp"

namespace milterd {

/// The filter's name for libmilter, which begins its messages with it and uses it for nothing else.
inline constexpr const char* libmilter_log_prefix = "libmilter";

/// Where write_libmilter_message() writes from now on; null: nowhere. `log` must outlive the
/// process's threads, or be taken back before it ends.
void set_libmilter_log(Logger* log);

/// Logs one message: at debug what only tells of a peer that speaks no milter or has gone, else at
/// warn. False when nobody wants it.
bool write_libmilter_message(std::string_view text);

}  // namespace milterd
