#pragma once
/// The order in which the MTA gets the edits.

#include <span>
#include <vector>

#include "milterd/modification.hpp"

namespace milterd {

/// Postfix takes a new body in one piece only, and asks no further filter once a message is held:
/// so the last body comes behind everything else, and one quarantine, the first, behind that.
std::vector<Modification> in_sending_order(std::span<const Modification> ledger);

}  // namespace milterd
