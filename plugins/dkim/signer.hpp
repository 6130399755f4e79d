#pragma once
/// Makes DKIM signatures.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"
#include "plugins/dkim/signing_key.hpp"

namespace milterd::dkim {

struct Canonicalization {
  std::string header = "relaxed";  ///< "simple" or "relaxed"; so is `body`.
  std::string body = "relaxed";
};

/// With which name a message is signed.
struct SigningIdentity {
  std::string domain;
  std::string selector;
};

struct SignatureMade {
  std::string value;      ///< Of the DKIM-Signature field: what follows the colon, folds as CRLF.
  std::string signature;  ///< b= without white space.
};

/// Signs with RSA or Ed25519, as the key is. Signs the fields that tell the reader what the message
/// is and how to show and answer it, and once more From than there are, so that no second one can
/// be added (RFC 6376 section 8.15).
///
/// `time` goes into t=, in seconds since 1970. Error: libopendkim or OpenSSL failed, or the
/// deadline has passed.
Result<SignatureMade> sign_message(const SigningKey& key, const SigningIdentity& identity,
                                   const Canonicalization& canonicalization,
                                   std::span<const HeaderField> headers, std::string_view body,
                                   std::uint64_t time,
                                   std::chrono::steady_clock::time_point deadline);

}  // namespace milterd::dkim
