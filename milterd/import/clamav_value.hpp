#pragma once
/// Values of clamd.conf and clamav-milter.conf, in milterd's words.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"

namespace milterd {

/// yes, true, 1, no, false and 0 in any case of letters.
std::optional<bool> clamav_boolean(std::string_view value);

/// Digits, nothing else. What is too large is the largest there is.
std::optional<std::int64_t> clamav_number(std::string_view value);

/// Digits with K, M or G behind them, or none; octal with a leading 0. What is too large is the
/// largest there is.
std::optional<std::int64_t> clamav_size(std::string_view value);

/// Our word for `value`, which is theirs in any case of letters; `words` is "Theirs=ours ...".
std::optional<std::string> clamav_word(std::string_view value, std::string_view words);

/// "Accept, Reject, Defer": theirs.
std::string clamav_words(std::string_view words);

/// "25MiB": the largest unit that needs no fraction.
std::string bytes_in_words(std::int64_t bytes);

/// An octal mode as "0660". Error: it is none.
Result<std::string> socket_mode_in_words(std::string_view value);

/// What reject_message has for RejectMsg: only %v is special there. Error: no SMTP reply can carry
/// it.
Result<std::string> reject_message_in_words(std::string_view value);

/// The program and its arguments of a VirusEvent that needs no shell. Error: it does, and what to
/// do.
Result<std::vector<std::string>> virus_event_command(std::string_view value);

}  // namespace milterd
