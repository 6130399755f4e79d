#include "plugins/dkim/signing/message_hash.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "plugins/dkim/base64.hpp"
#include "plugins/dkim/opendkim.hpp"
#include "plugins/dkim/signature_header.hpp"
#include "plugins/dkim/verifying/body_hash.hpp"
#include "plugins/dkim/verifying/header_hash.hpp"

namespace milterd::dkim {

namespace {

Result<> feed_field(DKIM* message, std::string_view text) {
  if (const DKIM_STAT status = dkim_header(message, bytes(text), text.size());
      status != DKIM_STAT_OK) {
    return library_failure("take a header field", message, status);
  }
  return {};
}

Result<HashViews> sound_hashes_of(DKIM* message, DKIM_SIGINFO* signature) {
  // With any other error the library has not hashed, and would abort if asked for the hashes.
  const int error = dkim_sig_geterror(signature);
  if (error != DKIM_SIGERROR_UNKNOWN && error != DKIM_SIGERROR_NOKEY &&
      error != DKIM_SIGERROR_TOOLARGE_L) {
    const char* text = dkim_sig_geterrorstr(error);
    return fail(std::string("libopendkim cannot hash the message: ") +
                (text == nullptr ? "unknown reason" : text));
  }
  return hashes_of(message, signature);
}

/// The library is made to verify what is yet to be signed: it then need not be given the private
/// key, which it would parse anew for each message, and may be told any time in t=.
struct Verification {
  LibraryHandle library;
  MessageHandle message;
};

Result<Verification> start(std::uint64_t time) {
  auto library = open_library(time);
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

std::string_view value_of(std::string_view field) { return field.substr(field.find(':') + 1); }

/// Whether a signature may cover it. An older signature is not ours to sign; in the library it
/// would stand before the new ones.
bool may_be_covered(const HeaderField& field) {
  return is_feedable(field) && !is_signature_field(field);
}

/// Of one `signature`, without the library.
Result<std::string> hash_header(std::span<const HeaderField> headers, std::string_view signature) {
  std::vector<HeaderField> covered = {HeaderField(signature, signature.find(':'))};
  std::ranges::copy_if(headers, std::back_inserter(covered), may_be_covered);
  return hash_named_fields(covered, 0, read_signature_header(value_of(signature)));
}

/// All that a signature may cover.
Result<> feed_header(DKIM* message, std::span<const HeaderField> headers) {
  for (const HeaderField& field : headers) {
    if (!may_be_covered(field)) {
      continue;
    }
    if (auto fed = feed_field(message, field.text()); !fed) {
      return fed;
    }
  }
  return {};
}

/// Those of `signatures` that are `sound`, over `headers`.
Result<> run_headers(DKIM* message, std::span<const HeaderField> headers,
                     std::span<const std::string> signatures,
                     const std::vector<std::size_t>& sound) {
  Result<> done = feed_header(message, headers);
  for (std::size_t i = 0; done && i < sound.size(); ++i) {
    done = feed_field(message, signatures[sound[i]]);
  }
  if (done) {
    done = end_header(message);
  }
  return done ? finish(message) : done;
}

constexpr const char* lost_signature =
    "libopendkim cannot hash the message: it does not find the signature";

}  // namespace

Result<std::string> hash_body(std::string_view canonicalization, std::string_view body,
                              std::optional<std::uint64_t> length,
                              std::chrono::steady_clock::time_point deadline) {
  if (has_stray_line_end(body)) {
    const auto hash = hash_canonical_body(
        body, {.relaxed = canonicalization == "relaxed", .sha1 = false, .length = length},
        deadline);
    return hash ? Result<std::string>(encode_base64(*hash)) : std::unexpected(hash.error());
  }
  auto verification = start(usual_earliest);
  if (!verification) {
    return std::unexpected(std::move(verification.error()));
  }
  DKIM* message = verification->message.get();
  std::string signature = "DKIM-Signature: v=1; a=rsa-sha256; c=simple/";
  signature += canonicalization;
  signature += "; d=body; s=body; h=From; bh=AAAA; b=AAAA";
  if (length) {
    signature += "; l=" + std::to_string(*length);
  }
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
  if (done) {
    done = finish(message);
  }
  if (!done) {
    return std::unexpected(std::move(done.error()));
  }
  const auto signatures = signatures_of(message);
  if (signatures.size() != 1) {
    return fail(lost_signature);
  }
  const auto found = sound_hashes_of(message, signatures.front());
  if (!found) {
    return std::unexpected(found.error());
  }
  return encode_base64(found->body);
}

std::vector<Result<std::string>> hash_headers(std::span<const HeaderField> headers,
                                              std::span<const std::string> signatures) {
  std::vector<Result<std::string>> hashes;
  std::vector<std::size_t> sound;
  std::uint64_t earliest = usual_earliest;
  for (const std::string& signature : signatures) {
    const SignatureHeader read = read_signature_header(value_of(signature));
    if (read.fault.empty()) {
      sound.push_back(hashes.size());
      earliest = std::min(earliest, read.time.value_or(usual_earliest));
    }
    hashes.emplace_back(fail(read.fault.empty()
                                 ? lost_signature
                                 : "cannot sign: the signature would be malformed: " + read.fault));
  }
  if (sound.empty()) {
    return hashes;
  }
  if (std::ranges::any_of(headers, is_misread)) {
    for (const std::size_t i : sound) {
      hashes[i] = hash_header(headers, signatures[i]);
    }
    return hashes;
  }
  const auto verification = start(earliest);
  const Result<> done = verification
                            ? run_headers(verification->message.get(), headers, signatures, sound)
                            : std::unexpected(verification.error());
  if (!done) {
    for (const std::size_t i : sound) {
      hashes[i] = std::unexpected(done.error());
    }
    return hashes;
  }
  DKIM* message = verification->message.get();
  const auto hashed = signatures_of(message);
  for (std::size_t i = 0; hashed.size() == sound.size() && i < sound.size(); ++i) {
    auto found = sound_hashes_of(message, hashed[i]);
    if (found) {
      hashes[sound[i]] = std::string(found->header);
    } else {
      hashes[sound[i]] = std::unexpected(std::move(found.error()));
    }
  }
  return hashes;
}

}  // namespace milterd::dkim
