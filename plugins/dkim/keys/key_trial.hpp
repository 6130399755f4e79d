#pragma once
/// A key tried out before mail depends on it.

#include "milterd/result.hpp"
#include "plugins/dkim/keys/signers.hpp"

namespace milterd::dkim {

/// Signs a message as `signer` and verifies it with the key's own public record. Error: why that
/// does not work.
Result<> try_key(const Signer& signer);

}  // namespace milterd::dkim
