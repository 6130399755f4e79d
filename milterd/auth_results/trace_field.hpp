#pragma once
/// The one Authentication-Results field of this host in a message.

#include <span>
#include <string_view>

#include "milterd/auth_result.hpp"
#include "milterd/result.hpp"
#include "milterd/transaction.hpp"

namespace milterd {

/// Deletes the fields that claim to be ours, as no other than this host may write them (RFC 8601
/// section 5), then puts `results` above everything. Without results, or with none but such that
/// are only worth a field beside others, it only deletes. Error: the id is empty, or an edit fails;
/// then some edits may have been made.
Result<> replace_auth_results(Transaction& transaction, std::string_view authserv_id,
                              std::span<const AuthResult> results);

}  // namespace milterd
