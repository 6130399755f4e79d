#pragma once
/// REDIRECT and BCC as edits of the envelope.

#include <string>
#include <string_view>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"

namespace milterd::header_checks {

/// Leaves `address` as the only recipient.
Result<> redirect_to(Transaction& transaction, std::string_view address);
/// A rule's address as the envelope wants it (RFC 5321): a local part that needs quotes gets them,
/// since Postfix takes rules' addresses without.
std::string envelope_path(std::string_view address);

bool has_recipient(const Transaction& transaction, std::string_view address);
/// `address` is the only recipient.
bool is_redirected_to(const Transaction& transaction, std::string_view address);
/// Adds a recipient that is not there yet.
Result<> add_bcc(Transaction& transaction, std::string_view address);

}  // namespace milterd::header_checks
