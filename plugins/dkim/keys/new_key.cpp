#include "plugins/dkim/keys/new_key.hpp"

#include <cstddef>
#include <memory>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace milterd::dkim {

namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

std::unexpected<Error> openssl_failure() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = "OpenSSL cannot make a key: ";
  text += reason == nullptr ? "unknown reason" : reason;
  ERR_clear_error();
  return fail(std::move(text));
}

}  // namespace

Result<std::string> make_private_key(Algorithm algorithm, unsigned bits) {
  const std::unique_ptr<EVP_PKEY, FreeKey> key(
      algorithm == Algorithm::ed25519_sha256
          ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
          : EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(bits)));
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new(BIO_s_secmem()));
  if (!key || !bio ||
      PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return openssl_failure();
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace milterd::dkim
