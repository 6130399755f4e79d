#pragma once
/// The hash of a body that libopendkim misreads.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "milterd/result.hpp"

namespace milterd::dkim {

/// How a body is hashed.
struct BodyHashing {
  bool relaxed = false;
  bool sha1 = false;
  std::optional<std::uint64_t> length;  ///< l=: how many bytes of the canonical body count.
};

/// Whether a CR or LF stands alone. libopendkim passes over such bytes, and over blanks in front of
/// them: to it "pay \r Eve" is "payEve" and "\r\r\n" may be an empty line, so that a body which was
/// changed would still fit its signature.
bool has_stray_line_end(std::string_view text);

/// The hash of the canonical body (RFC 6376 sections 3.4.3 and 3.4.4), where a line ends with CRLF
/// and every other byte counts. Error: the deadline has passed, or OpenSSL has no memory.
Result<std::string> hash_canonical_body(std::string_view body, const BodyHashing& how,
                                        std::chrono::steady_clock::time_point deadline);

}  // namespace milterd::dkim
