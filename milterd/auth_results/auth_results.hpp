#pragma once
/// The text of an Authentication-Results field (RFC 8601 section 2.2).

#include <span>
#include <string>
#include <string_view>

#include "milterd/auth_result.hpp"

namespace milterd {

/// What follows the colon, without a leading space: each result on a line of its own, folded with
/// CRLF and a tab where a line would pass 78 columns. "mx.example.org; none" without results.
///
/// Whatever the results hold, the text is one well-formed field: values are quoted where the
/// grammar asks for it, parentheses in comments are escaped, and a byte that is not printable ASCII
/// becomes '?' (dropped, it could turn one domain into another). Comments and reasons are cut at
/// 500 bytes; a property longer than that is left out, since half an identity is another one. A
/// result without method or result word is left out, and so are those past 32 KiB of text.
std::string write_auth_results(std::string_view authserv_id, std::span<const AuthResult> results);

}  // namespace milterd
