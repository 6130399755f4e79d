#include "plugins/dkim/keys/signing_key.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <optional>
#include <utility>
#include <vector>

#include "milterd/ascii.hpp"
#include "plugins/common/text_file.hpp"
#include "plugins/dkim/base64.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

constexpr std::size_t largest_file = 64 * 1024;
constexpr int fewest_rsa_bits = 1024;
constexpr int most_rsa_bits = 4096;
constexpr std::size_t ed25519_bits = 256;
constexpr std::size_t ed25519_size = 32;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// A daemon cannot ask anybody for the password of an encrypted key.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*closure*/) { return -1; }

std::string base64(const std::vector<unsigned char>& data) {
  return encode_base64({reinterpret_cast<const char*>(data.data()), data.size()});
}

/// What OpenSSL says of its last failure; its queue is empty afterwards.
std::string openssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = reason == nullptr ? "unknown reason" : reason;
  ERR_clear_error();
  return text;
}

/// p= of RFC 6376 section 3.6.1: SubjectPublicKeyInfo for RSA; RFC 8463: the bare key for Ed25519.
std::optional<std::vector<unsigned char>> public_part(EVP_PKEY* key, Algorithm algorithm) {
  std::vector<unsigned char> data;
  if (algorithm == Algorithm::ed25519_sha256) {
    std::size_t size = ed25519_size;
    data.resize(size);
    return EVP_PKEY_get_raw_public_key(key, data.data(), &size) == 1 ? std::optional(data)
                                                                     : std::nullopt;
  }
  const int size = i2d_PUBKEY(key, nullptr);
  if (size <= 0) {
    return std::nullopt;
  }
  data.resize(static_cast<std::size_t>(size));
  unsigned char* at = data.data();
  return i2d_PUBKEY(key, &at) == size ? std::optional(data) : std::nullopt;
}

EVP_PKEY* read_pem(std::string_view text) {
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  return bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr;
}

/// What stands between the lines of PEM where `text` has them, and has no headers there.
std::string_view inner_base64(std::string_view text) {
  constexpr std::string_view dashes = "-----";
  const std::size_t begin = text.find(dashes);
  if (begin == std::string_view::npos) {
    return text;
  }
  const std::size_t first = text.find(dashes, begin + dashes.size());
  if (first == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(first + dashes.size());
  const std::size_t last = text.find(dashes);
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last);
}

/// The base64 alone, or PEM without its line ends.
EVP_PKEY* read_bare_der(std::string_view text) {
  std::string compact;
  for (const char c : inner_base64(text)) {
    if (!is_space(c) && c != '\r' && c != '\n') {
      compact += c;
    }
  }
  if (!is_base64(compact) || compact.size() % 4 != 0) {
    return nullptr;
  }
  std::vector<unsigned char> der(compact.size() / 4 * 3);
  const int size =
      EVP_DecodeBlock(der.data(), reinterpret_cast<const unsigned char*>(compact.data()),
                      static_cast<int>(compact.size()));
  const unsigned char* at = der.data();
  // Behind the key there may be zeros, for the "=" at the end.
  EVP_PKEY* key = size > 0 ? d2i_AutoPrivateKey(nullptr, &at, size) : nullptr;
  OPENSSL_cleanse(der.data(), der.size());
  OPENSSL_cleanse(compact.data(), compact.size());
  return key;
}

std::optional<std::vector<unsigned char>> sign_rsa(EVP_PKEY* key, const unsigned char* hash,
                                                   std::size_t hash_size) {
  const std::unique_ptr<EVP_PKEY_CTX, FreeContext> context(EVP_PKEY_CTX_new(key, nullptr));
  std::size_t size = 0;
  if (!context || EVP_PKEY_sign_init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) <= 0 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) <= 0 ||
      EVP_PKEY_sign(context.get(), nullptr, &size, hash, hash_size) <= 0) {
    return std::nullopt;
  }
  std::vector<unsigned char> signature(size);
  if (EVP_PKEY_sign(context.get(), signature.data(), &size, hash, hash_size) <= 0) {
    return std::nullopt;
  }
  signature.resize(size);
  return signature;
}

std::optional<std::vector<unsigned char>> sign_ed25519(EVP_PKEY* key, const unsigned char* hash,
                                                       std::size_t hash_size) {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) <= 0 ||
      EVP_DigestSign(context.get(), nullptr, &size, hash, hash_size) <= 0) {
    return std::nullopt;
  }
  std::vector<unsigned char> signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, hash, hash_size) <= 0) {
    return std::nullopt;
  }
  signature.resize(size);
  return signature;
}

}  // namespace

void SigningKey::FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

SigningKey::SigningKey(Handle key, Algorithm algorithm, std::size_t bits, std::string public_record)
    : key_(std::move(key)),
      algorithm_(algorithm),
      bits_(bits),
      public_record_(std::move(public_record)) {}

Result<SigningKey> SigningKey::load(const std::string& path) {
  auto pem = read_text_file(path, largest_file);
  if (!pem) {
    return std::unexpected(std::move(pem.error()));
  }
  auto key = parse(*pem, path);
  OPENSSL_cleanse(pem->data(), pem->size());
  return key;
}

Result<SigningKey> SigningKey::parse(std::string_view text, std::string_view name) {
  const std::string file = "'" + std::string(name) + "'";
  if (text.size() > largest_file) {
    return fail("cannot use key " + file + ": it is larger than " + std::to_string(largest_file) +
                " bytes");
  }
  Handle key(read_pem(text));
  if (!key) {
    key.reset(read_bare_der(text));
  }
  if (!key) {
    ERR_clear_error();
    return fail("cannot use key " + file +
                ": it has no private key in PEM form, or the key needs a password");
  }
  const int type = EVP_PKEY_get_base_id(key.get());
  const int bits = EVP_PKEY_get_bits(key.get());
  if (type != EVP_PKEY_RSA && type != EVP_PKEY_ED25519) {
    return fail("cannot use key " + file + ": DKIM knows RSA and Ed25519 keys, this is neither");
  }
  const bool is_rsa = type == EVP_PKEY_RSA;
  if (is_rsa && (bits < fewest_rsa_bits || bits > most_rsa_bits)) {
    return fail("cannot use key " + file + ": it has " + std::to_string(bits) +
                " bits, an RSA key must have 1024 to 4096; make one of 2048");
  }
  const Algorithm algorithm = is_rsa ? Algorithm::rsa_sha256 : Algorithm::ed25519_sha256;
  const auto part = public_part(key.get(), algorithm);
  if (!part) {
    return fail("cannot use key " + file + ": it has no public part: " + openssl_reason());
  }
  std::string record = std::string("v=DKIM1; k=") + (is_rsa ? "rsa" : "ed25519") + "; p=";
  record += base64(*part);
  return SigningKey(std::move(key), algorithm,
                    is_rsa ? static_cast<std::size_t>(bits) : ed25519_bits, std::move(record));
}

Result<std::string> SigningKey::sign(std::string_view hash) const {
  const auto* data = reinterpret_cast<const unsigned char*>(hash.data());
  const auto signature = algorithm_ == Algorithm::ed25519_sha256
                             ? sign_ed25519(key_.get(), data, hash.size())
                             : sign_rsa(key_.get(), data, hash.size());
  if (!signature) {
    return fail("cannot sign: " + openssl_reason());
  }
  return base64(*signature);
}

}  // namespace milterd::dkim
