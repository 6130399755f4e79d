#pragma once
/// The header hash of a signature that libopendkim cannot make.

#include <cstddef>
#include <span>
#include <string>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

/// The hash of the header fields that h= names and of the signature itself (RFC 6376 section 3.7),
/// by the signature's algorithm. libopendkim verifies every DKIM-Signature field that it is given;
/// so it is not given those that are malformed or too many, and cannot hash them where a good
/// signature names DKIM-Signature in h=. `signature` is the position of the signature's own field,
/// `read` what stands there. Error: OpenSSL has no memory.
Result<std::string> hash_named_fields(std::span<const HeaderField> headers, std::size_t signature,
                                      const SignatureHeader& read);

}  // namespace milterd::dkim
