#pragma once
/// The two hashes of a signature (RFC 6376 section 3.7), made by libopendkim.

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"

namespace milterd::dkim {

/// SHA-256 of the canonical body, in base64, for bh=. `canonicalization` is "simple" or "relaxed".
Result<std::string> hash_body(std::string_view canonicalization, std::string_view body,
                              std::chrono::steady_clock::time_point deadline);

/// SHA-256 of the canonical header fields that h= of the signature names, and of the signature
/// itself: 32 bytes, to be signed. `signature` is a whole DKIM-Signature field that is sound but
/// for b=, whose value does not count; its bh= must be right.
Result<std::string> hash_header(std::span<const HeaderField> headers, std::string_view signature);

}  // namespace milterd::dkim
