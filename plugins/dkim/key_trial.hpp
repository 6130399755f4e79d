#pragma once
/// A key tried out before mail depends on it.

#include "milterd/result.hpp"
#include "plugins/dkim/signer.hpp"
#include "plugins/dkim/signing_key.hpp"

namespace milterd::dkim {

/// Signs a message with `key` and verifies it with the key's own public record. Error: why that
/// does not work.
Result<> try_key(const SigningKey& key, const SigningIdentity& identity);

}  // namespace milterd::dkim
