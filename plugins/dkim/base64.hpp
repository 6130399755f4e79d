#pragma once
/// Base64 as DKIM's tags have it, white space taken out (RFC 6376 section 3.5).

#include <optional>
#include <string>
#include <string_view>

namespace milterd::dkim {

std::string encode_base64(std::string_view data);

/// Padding may be missing. nullopt where it is no base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace milterd::dkim
