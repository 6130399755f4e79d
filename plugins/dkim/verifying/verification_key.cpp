#include "plugins/dkim/verifying/verification_key.hpp"

#include <memory>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string>
#include <utility>

#include "plugins/dkim/base64.hpp"

namespace milterd::dkim {

namespace {

struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
};

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

EVP_PKEY* read_rsa(std::string_view data) {
  const unsigned char* begin = bytes(data);
  const auto size = static_cast<long>(data.size());
  if (EVP_PKEY* key = d2i_PUBKEY(nullptr, &begin, size); key != nullptr) {
    return key;
  }
  begin = bytes(data);
  return d2i_PublicKey(EVP_PKEY_RSA, nullptr, &begin, size);
}

struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};

/// With the exponent 1 the signature is the padded hash itself: anybody can make it. An even one
/// belongs to no key.
bool has_sound_exponent(const EVP_PKEY& key) {
  BIGNUM* exponent = nullptr;
  const bool known = EVP_PKEY_get_bn_param(&key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1;
  const std::unique_ptr<BIGNUM, FreeNumber> owned(exponent);
  return known && BN_is_odd(exponent) == 1 && BN_is_one(exponent) == 0;
}

Result<bool> out_of_memory() { return fail("cannot verify: OpenSSL has no memory"); }

}  // namespace

void VerificationKey::FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<VerificationKey> VerificationKey::parse(std::string_view base64, Algorithm algorithm) {
  const auto data = decode_base64(base64);
  const bool ed25519 = algorithm == Algorithm::ed25519_sha256;
  Handle key;
  if (data) {
    key.reset(
        ed25519 ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(*data), data->size())
                : read_rsa(*data));
  }
  // What it has to say of the key is nothing to a later reader of this thread's errors.
  ERR_clear_error();
  if (!key || EVP_PKEY_get_id(key.get()) != (ed25519 ? EVP_PKEY_ED25519 : EVP_PKEY_RSA)) {
    return fail(ed25519 ? "p= of the key record is no Ed25519 key"
                        : "p= of the key record is no RSA key");
  }
  if (!ed25519 && !has_sound_exponent(*key)) {
    return fail("p= of the key record has an RSA exponent that protects nothing");
  }
  return VerificationKey(std::move(key));
}

std::size_t VerificationKey::bits() const {
  const bool ed25519 = EVP_PKEY_get_id(key_.get()) == EVP_PKEY_ED25519;
  return static_cast<std::size_t>(ed25519 ? EVP_PKEY_get_bits(key_.get())
                                          : EVP_PKEY_get_size(key_.get()) * 8);
}

Result<bool> VerificationKey::fits(std::string_view signature, std::string_view hash,
                                   Algorithm algorithm) const {
  const auto data = decode_base64(signature);
  if (!data) {
    return false;
  }
  int verdict = 0;
  if (algorithm == Algorithm::ed25519_sha256) {
    // What is signed is the hash, as a message (RFC 8463 section 3).
    const std::unique_ptr<EVP_MD_CTX, FreeDigest> digest(EVP_MD_CTX_new());
    if (!digest || EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, key_.get()) != 1) {
      return out_of_memory();
    }
    verdict = EVP_DigestVerify(digest.get(), bytes(*data), data->size(), bytes(hash), hash.size());
  } else {
    const std::unique_ptr<EVP_PKEY_CTX, FreeContext> context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    const EVP_MD* digest = algorithm == Algorithm::rsa_sha1 ? EVP_sha1() : EVP_sha256();
    if (!context || EVP_PKEY_verify_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_CTX_set_signature_md(context.get(), digest) != 1) {
      return out_of_memory();
    }
    verdict = EVP_PKEY_verify(context.get(), bytes(*data), data->size(), bytes(hash), hash.size());
  }
  ERR_clear_error();
  return verdict == 1;
}

}  // namespace milterd::dkim
