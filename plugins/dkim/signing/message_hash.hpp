#pragma once
/// The two hashes of a signature (RFC 6376 section 3.7), made by libopendkim.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"

namespace milterd::dkim {

/// SHA-256 of the canonical body, in base64, for bh=. `canonicalization` is "simple" or "relaxed";
/// `length` is l=: how many bytes of the canonical body count.
Result<std::string> hash_body(std::string_view canonicalization, std::string_view body,
                              std::optional<std::uint64_t> length,
                              std::chrono::steady_clock::time_point deadline);

/// For each of `signatures`: SHA-256 of the canonical header fields that its h= names, and of
/// itself: 32 bytes, to be signed. A signature is a whole DKIM-Signature field that is sound but
/// for b=, whose value does not count. Other signatures in `headers` do not count. What is wrong
/// with one does not concern the others.
std::vector<Result<std::string>> hash_headers(std::span<const HeaderField> headers,
                                              std::span<const std::string> signatures);

}  // namespace milterd::dkim
