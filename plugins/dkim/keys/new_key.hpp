#pragma once
/// Private keys made here.

#include <string>

#include "milterd/result.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

/// A new private key in PEM form (PKCS#8). `bits` is of an RSA key, 1024..4096; Ed25519 has one
/// size only. Error: OpenSSL failed.
Result<std::string> make_private_key(Algorithm algorithm, unsigned bits);

}  // namespace milterd::dkim
