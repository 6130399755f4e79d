#pragma once
/// The public key of a signer.

#include <cstddef>
#include <memory>
#include <string_view>

#include "milterd/result.hpp"
#include "plugins/dkim/signature_header.hpp"

struct evp_pkey_st;

namespace milterd::dkim {

/// RSA or Ed25519. Thread-safe.
class VerificationKey {
 public:
  /// `base64` is p= of a key record. RSA keys may be a SubjectPublicKeyInfo, as everybody publishes
  /// them, or the bare RSAPublicKey of RFC 6376's text. Error: why it is no key for `algorithm`.
  static Result<VerificationKey> parse(std::string_view base64, Algorithm algorithm);

  /// As opendkim counts them: RSA in whole bytes.
  std::size_t bits() const;

  /// Does `signature` (b=, in base64) fit the `hash` of a signature of `algorithm`, which is of the
  /// key's type? Error: OpenSSL has no memory.
  Result<bool> fits(std::string_view signature, std::string_view hash, Algorithm algorithm) const;

 private:
  struct FreeKey {
    void operator()(evp_pkey_st* key) const;
  };
  using Handle = std::unique_ptr<evp_pkey_st, FreeKey>;

  explicit VerificationKey(Handle key) : key_(std::move(key)) {}

  Handle key_;
};

}  // namespace milterd::dkim
