#pragma once
/// Whose an Authentication-Results field says it is (RFC 8601 sections 2.2 and 5), read from mail
/// that may be hostile.

#include <optional>
#include <string>
#include <string_view>

namespace milterd {

/// The authserv-id of what follows the colon: quotes and escapes undone, case as it stands, the
/// comments and folds around it passed over. nullopt if there is none.
std::optional<std::string> authserv_id_of(std::string_view value);

/// True if some reader could take the field as one of `ours`: quoted, escaped, commented, folded in
/// the middle, in another case, with a final dot, a version or a "/queue-id" behind it, as an
/// encoded-word, or so malformed that it depends on the reader. It rather says true once too often:
/// a foreign field that names us in front of its first ';' (of those with anything before them) is
/// not worth a forged one. What stands behind that does not count, since the results there name our
/// own domains often.
bool claims_authserv_id(std::string_view value, std::string_view ours);

}  // namespace milterd
