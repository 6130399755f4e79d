#pragma once
/// Whether signatures that were made still stand once other stages have edited the message.

#include <span>
#include <string>

#include "milterd/modification.hpp"
#include "milterd/transaction.hpp"

namespace milterd::dkim {

struct MadeSignature {
  std::string field;        ///< The whole DKIM-Signature field.
  std::string domain;       ///< d=
  std::string header_hash;  ///< What was signed.
};

/// Warns in the log of each of `edits` that touches what a signature covers, if the message as it
/// stands no longer verifies. All signatures are of one sign_message(). Costs nothing where no edit
/// touches them.
void warn_of_broken_signatures(std::span<const MadeSignature> made,
                               std::span<const Modification> edits, Transaction& transaction);

}  // namespace milterd::dkim
