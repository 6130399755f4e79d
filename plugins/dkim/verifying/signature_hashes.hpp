#pragma once
/// The hashes of the signatures on a message, made by libopendkim.

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"
#include "plugins/dkim/opendkim.hpp"
#include "plugins/dkim/signature_header.hpp"
#include "plugins/dkim/verifying/outcome.hpp"

namespace milterd::dkim {

struct SignatureHashes {
  std::string header;  ///< Of the header fields that h= names and the signature: what is signed.
  std::string body;    ///< What bh= has to say, before base64.
  Outcome outcome = Outcome::verified;  ///< Else there are no hashes: malformed, length_too_large.
  std::string reason;                   ///< Then: why, for people.
};

class SignatureHasher {
 public:
  static Result<SignatureHasher> open();

  /// One for each entry of `signatures`; without a meaning where it is not `wanted`. None with a
  /// fault may be wanted.
  /// Thread-safe. Error: libopendkim failed, or the deadline has passed.
  Result<std::vector<SignatureHashes>> hash(std::span<const HeaderField> headers,
                                            std::string_view body, const Signatures& signatures,
                                            const std::vector<bool>& wanted,
                                            std::chrono::steady_clock::time_point deadline) const;

 private:
  explicit SignatureHasher(LibraryHandle library) : library_(std::move(library)) {}

  LibraryHandle library_;
};

}  // namespace milterd::dkim
