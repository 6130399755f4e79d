#pragma once
/// How much there is of a body to be signed.

#include <cstdint>
#include <string_view>

namespace milterd::dkim {

/// The size of the canonical body in bytes (RFC 6376 sections 3.4.3 and 3.4.4). libopendkim counts
/// only up to l=, which hides what goes beyond it. `body` has CRLF lines.
std::uint64_t canonical_body_size(std::string_view body, bool relaxed);

}  // namespace milterd::dkim
