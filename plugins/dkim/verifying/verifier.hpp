#pragma once
/// What cryptography says of a message's signatures. What to think of it is signature_policy.hpp's.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"
#include "plugins/dkim/signature_header.hpp"
#include "plugins/dkim/verifying/key_cache.hpp"
#include "plugins/dkim/verifying/key_record.hpp"
#include "plugins/dkim/verifying/outcome.hpp"
#include "plugins/dkim/verifying/signature_hashes.hpp"

namespace milterd::dkim {

struct SignatureFacts {
  using Outcome = dkim::Outcome;
  Outcome outcome = Outcome::malformed;
  std::string reason;        ///< Unless verified; for people.
  std::size_t key_bits = 0;  ///< 0 where no key was used.
  bool test_key = false;     ///< t=y in the key record.
  KeyRecord::Dnssec dnssec = KeyRecord::Dnssec::unknown;
  std::uint64_t body_size = 0;      ///< Bytes of the canonical body; 0 where there is no l=.
  std::uint64_t unsigned_body = 0;  ///< Those of them beyond l=.
};

/// libopendkim makes the hashes, OpenSSL compares them with the signatures. Thread-safe.
class Verifier {
 public:
  static Result<Verifier> open();

  /// One fact for each of `signatures`; `keys` has the key record of each, and is not looked at for
  /// those with a fault. Error: libopendkim or OpenSSL failed, or the deadline has passed.
  Result<std::vector<SignatureFacts>> verify(std::span<const HeaderField> headers,
                                             std::string_view body, const Signatures& signatures,
                                             std::span<const KeyRecord> keys,
                                             std::chrono::steady_clock::time_point deadline) const;

 private:
  explicit Verifier(SignatureHasher hasher)
      : hasher_(std::move(hasher)), keys_(std::make_unique<KeyCache>()) {}

  SignatureHasher hasher_;
  std::unique_ptr<KeyCache> keys_;
};

}  // namespace milterd::dkim
