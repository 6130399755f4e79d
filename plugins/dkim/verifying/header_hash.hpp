#pragma once
/// The header hash of a signature that libopendkim cannot make.

#include <cstddef>
#include <span>
#include <string>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

/// Whether libopendkim hashes the field otherwise than RFC 6376 section 3.4.2 has it: to it, FF, VT
/// and a CR or LF that stands alone are blanks, so that "a\rb" would fit the signature of "a b".
bool is_misread(const HeaderField& field);

/// Whether libopendkim would not take just b= out of a signature's field: it looks for the last
/// letter in front of "=".
bool has_misread_tag(const HeaderField& signature);

/// The hash of the header fields that h= names and of the signature itself (RFC 6376 section 3.7),
/// by the signature's algorithm. libopendkim verifies every DKIM-Signature field that it is given;
/// so it is not given those that are malformed or too many, and cannot hash them where a good
/// signature names DKIM-Signature in h=. `signature` is the position of the signature's own field,
/// `read` what stands there. Error: OpenSSL has no memory.
Result<std::string> hash_named_fields(std::span<const HeaderField> headers, std::size_t signature,
                                      const SignatureHeader& read);

}  // namespace milterd::dkim
