#pragma once
/// Bytes of a stranger, fit for one line of a log.

#include <string>
#include <string_view>

namespace milterd::milter {

/// In double quotes, cut after 100 bytes, '?' for each byte that is not printable ASCII.
std::string quoted(std::string_view bytes);
/// The letter of a packet: "'c'", or "0x07".
std::string shown_code(char code);

}  // namespace milterd::milter
