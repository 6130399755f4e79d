#pragma once
/// One line of the log. Whatever bytes a value has, it can neither end the line, nor look like
/// another field, nor act on a terminal.

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "milterd/log.hpp"

namespace milterd {

/// "2026-11-22T10:00:00.123Z", behind what `out` holds. `time` is not before year 0.
void append_log_time(std::string& out, std::chrono::system_clock::time_point time);

/// "info event key=value key="quoted \"text\"""; no time and no newline. A value longer than 200
/// bytes is cut and ends in "...". Control bytes, marks of direction and what is not UTF-8 read
/// \xNN.
void append_text_line(std::string& out, LogLevel level, std::string_view event,
                      std::span<const LogField> fields);

/// {"time":"...","level":"info","event":"...","key":"value"}; no newline. Values are cut as in
/// text. What would act on a terminal reads \uNNNN, what is not UTF-8 is replaced by U+FFFD.
void append_json_line(std::string& out, std::chrono::system_clock::time_point time, LogLevel level,
                      std::string_view event, std::span<const LogField> fields);

/// About how long a line with these fields gets, so that it is allocated once.
std::size_t expected_line_size(std::string_view event, std::span<const LogField> fields);

}  // namespace milterd
