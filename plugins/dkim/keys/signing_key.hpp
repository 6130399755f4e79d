#pragma once
/// A private key, parsed once and kept.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "milterd/result.hpp"
#include "plugins/dkim/signature_header.hpp"

struct evp_pkey_st;

namespace milterd::dkim {

/// Its type says the algorithm: RSA of 1024..4096 bits (RFC 8301) or Ed25519 (RFC 8463).
/// Thread-safe.
class SigningKey {
 public:
  /// Reads a file of what parse() takes. Error: why it cannot be read or used; it names the file.
  static Result<SigningKey> load(const std::string& path);
  /// PEM (also with its line ends gone, as in a table), or DER in base64 without anything around
  /// it. `name` stands for the file in error texts.
  static Result<SigningKey> parse(std::string_view text, std::string_view name);

  Algorithm algorithm() const { return algorithm_; }
  std::size_t bits() const { return bits_; }
  /// The TXT record that belongs into DNS: "v=DKIM1; k=rsa; p=...".
  const std::string& public_record() const { return public_record_; }

  /// The signature of a SHA-256 hash, in base64.
  Result<std::string> sign(std::string_view hash) const;

 private:
  struct FreeKey {
    void operator()(evp_pkey_st* key) const;
  };
  using Handle = std::unique_ptr<evp_pkey_st, FreeKey>;

  SigningKey(Handle key, Algorithm algorithm, std::size_t bits, std::string public_record);

  Handle key_;
  Algorithm algorithm_;
  std::size_t bits_;
  std::string public_record_;
};

}  // namespace milterd::dkim
