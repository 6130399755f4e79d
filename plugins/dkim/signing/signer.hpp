#pragma once
/// Makes DKIM signatures.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"
#include "plugins/dkim/keys/signers.hpp"
#include "plugins/dkim/signing/signing_rules.hpp"

namespace milterd::dkim {

struct SignatureMade {
  std::string value;        ///< Of the DKIM-Signature field: what follows the colon, folds as CRLF.
  std::string signature;    ///< b= without white space.
  std::string header_hash;  ///< What was signed: hash_headers() of the field.
};

/// One signature per signer, in their order: RSA or Ed25519, as the key is. The body is hashed once
/// for all. `time` goes into t=, in seconds since 1970. The error of one does not concern the
/// others: libopendkim or OpenSSL failed, or the deadline has passed.
std::vector<Result<SignatureMade>> sign_message(std::span<const Signer> signers,
                                                const SigningRules& rules,
                                                std::span<const HeaderField> headers,
                                                std::string_view body, std::uint64_t time,
                                                std::chrono::steady_clock::time_point deadline);

}  // namespace milterd::dkim
