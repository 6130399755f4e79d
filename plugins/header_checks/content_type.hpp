#pragma once
/// What Postfix's MIME parser reads out of a Content-Type field (RFC 2045), no more and no less.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace milterd::header_checks {

enum class MediaType : std::uint8_t {
  leaf,     ///< Its body is text or data.
  message,  ///< message/rfc822 or message/global: a header follows.
  multipart,
};

struct ContentType {
  /// None: a type that leaves alone what was said before; Postfix knows text, message and multipart
  /// only.
  std::optional<MediaType> media;
  bool digest = false;                  ///< multipart/digest: its parts are messages by default.
  std::vector<std::string> boundaries;  ///< Several are illegal, and all are looked for.
};

/// `value` is what follows the colon of the logical header.
ContentType read_content_type(std::string_view value);

}  // namespace milterd::header_checks
