#include "plugins/dkim/message_hash.hpp"

#include <cstddef>
#include <openssl/evp.h>
#include <utility>

#include "plugins/dkim/opendkim.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

namespace {

/// A verifier computes both hashes of a signature before it asks for the key. So the library is
/// made to verify what is yet to be signed: it then need not be given the private key, which it
/// would parse anew for each message, and may be told any time in t=.
DKIM_CBSTAT no_key(DKIM* /*message*/, DKIM_SIGINFO* /*signature*/, unsigned char* /*buffer*/,
                   std::size_t /*size*/) {
  return DKIM_CBSTAT_NOTFOUND;
}

Result<> feed_field(DKIM* message, std::string_view text) {
  if (const DKIM_STAT status = dkim_header(message, bytes(text), text.size());
      status != DKIM_STAT_OK) {
    return library_failure("take a header field", message, status);
  }
  return {};
}

struct Hashes {
  std::string_view header;
  std::string_view body;
};

/// Ends a message that was `fed` whole. Views into the message's memory.
Result<Hashes> finished_hashes(DKIM* message, Result<> fed) {
  if (fed) {
    fed = finish(message);
  }
  if (!fed) {
    return std::unexpected(std::move(fed.error()));
  }
  DKIM_SIGINFO** signatures = nullptr;
  int count = 0;
  void* header = nullptr;
  void* body = nullptr;
  std::size_t header_size = 0;
  std::size_t body_size = 0;
  DKIM_STAT status = dkim_getsiglist(message, &signatures, &count);
  if (status == DKIM_STAT_OK && count != 1) {
    status = DKIM_STAT_NOSIG;
  }
  if (status == DKIM_STAT_OK) {
    status = dkim_sig_gethashes(signatures[0], &header, &header_size, &body, &body_size);
  }
  if (status != DKIM_STAT_OK) {
    return library_failure("hash the message", message, status);
  }
  return Hashes{.header = {static_cast<const char*>(header), header_size},
                .body = {static_cast<const char*>(body), body_size}};
}

struct Verification {
  LibraryHandle library;
  MessageHandle message;
};

Result<Verification> start(std::uint64_t time) {
  auto library = open_library(no_key, time);
  if (!library) {
    return std::unexpected(std::move(library.error()));
  }
  DKIM_STAT status = DKIM_STAT_OK;
  MessageHandle message(dkim_verify(library->get(), bytes("sign"), nullptr, &status));
  if (!message) {
    return fail("cannot start libopendkim: out of memory");
  }
  return Verification{.library = std::move(*library), .message = std::move(message)};
}

Result<> end_header(DKIM* message) {
  if (const DKIM_STAT status = dkim_eoh(message); status != DKIM_STAT_OK) {
    return library_failure("end the header", message, status);
  }
  return {};
}

}  // namespace

Result<std::string> hash_body(std::string_view canonicalization, std::string_view body,
                              std::chrono::steady_clock::time_point deadline) {
  auto verification = start(usual_earliest);
  if (!verification) {
    return std::unexpected(std::move(verification.error()));
  }
  DKIM* message = verification->message.get();
  std::string signature = "DKIM-Signature: v=1; a=rsa-sha256; c=simple/";
  signature += canonicalization;
  signature += "; d=body; s=body; h=From; bh=AAAA; b=AAAA";
  Result<> done = feed_field(message, "From: body@body");
  if (done) {
    done = feed_field(message, signature);
  }
  if (done) {
    done = end_header(message);
  }
  if (done) {
    done = feed_body(message, body, deadline);
  }
  const auto found = finished_hashes(message, std::move(done));
  if (!found) {
    return std::unexpected(found.error());
  }
  std::string text((found->body.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   bytes(found->body), static_cast<int>(found->body.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

Result<std::string> hash_header(std::span<const HeaderField> headers, std::string_view signature) {
  const SignatureHeader read = read_signature_header(signature.substr(signature.find(':') + 1));
  if (!read.fault.empty()) {
    return fail("cannot sign: the signature would be malformed: " + read.fault);
  }
  auto verification = start(read.time.value_or(usual_earliest));
  if (!verification) {
    return std::unexpected(std::move(verification.error()));
  }
  DKIM* message = verification->message.get();
  for (const HeaderField& field : headers) {
    // An older signature is not ours to sign; in the library it would stand before the new one.
    if (!is_feedable(field) || is_signature_field(field)) {
      continue;
    }
    if (auto fed = feed_field(message, field.text()); !fed) {
      return std::unexpected(std::move(fed.error()));
    }
  }
  Result<> done = feed_field(message, signature);
  if (done) {
    done = end_header(message);
  }
  const auto found = finished_hashes(message, std::move(done));
  if (!found) {
    return std::unexpected(found.error());
  }
  return std::string(found->header);
}

}  // namespace milterd::dkim
