#include "plugins/dkim/verifier.hpp"

#include <algorithm>
#include <cstring>

#include "plugins/dkim/body_size.hpp"

namespace milterd::dkim {

namespace {

using Outcome = SignatureFacts::Outcome;

constexpr std::size_t ed25519_bits = 256;

/// The keys of the signatures that the library was given, in its order.
using KeysInUse = std::vector<const KeyRecord*>;

std::span<DKIM_SIGINFO*> signatures_of(DKIM* message) {
  DKIM_SIGINFO** list = nullptr;
  int count = 0;
  if (dkim_getsiglist(message, &list, &count) != DKIM_STAT_OK || list == nullptr) {
    return {};
  }
  return {list, static_cast<std::size_t>(count)};
}

/// Answers only from what is known already. The library stops at every other answer than "here it
/// is" and "there is none"; why there is none we know better.
DKIM_CBSTAT find_key(DKIM* message, DKIM_SIGINFO* signature, unsigned char* buffer,
                     std::size_t size) {
  const auto* keys = static_cast<const KeysInUse*>(dkim_get_user_context(message));
  const auto signatures = signatures_of(message);
  const auto position =
      static_cast<std::size_t>(std::ranges::find(signatures, signature) - signatures.begin());
  if (keys == nullptr || position >= keys->size()) {
    return DKIM_CBSTAT_NOTFOUND;
  }
  const KeyRecord& key = *(*keys)[position];
  if (key.status != KeyRecord::Status::usable || key.text.size() >= size) {
    return DKIM_CBSTAT_NOTFOUND;
  }
  std::memcpy(buffer, key.text.data(), key.text.size());
  buffer[key.text.size()] = '\0';
  return DKIM_CBSTAT_CONTINUE;
}

std::string error_text(int error) {
  const char* text = dkim_sig_geterrorstr(error);
  return text == nullptr ? "signature cannot be used" : text;
}

/// Bytes of the canonical body beyond l=.
std::uint64_t unsigned_body(DKIM* message, DKIM_SIGINFO* signature, std::string_view body) {
  ssize_t covered = -1;
  dkim_canon_t canonicalization = DKIM_CANON_SIMPLE;
  if (dkim_sig_getcanonlen(message, signature, nullptr, nullptr, &covered) != DKIM_STAT_OK ||
      dkim_sig_getcanons(signature, nullptr, &canonicalization) != DKIM_STAT_OK || covered < 0) {
    return 0;
  }
  const std::uint64_t all = canonical_body_size(body, canonicalization == DKIM_CANON_RELAXED);
  const auto part = static_cast<std::uint64_t>(covered);
  return all > part ? all - part : 0;
}

SignatureFacts library_facts(DKIM* message, DKIM_SIGINFO* signature, Algorithm algorithm,
                             std::string_view body) {
  SignatureFacts facts;
  const unsigned int flags = dkim_sig_getflags(signature);
  const int error = dkim_sig_geterror(signature);
  unsigned int bits = 0;
  if (algorithm == Algorithm::ed25519_sha256) {
    facts.key_bits = ed25519_bits;
  } else if (dkim_sig_getkeysize(signature, &bits) == DKIM_STAT_OK) {
    facts.key_bits = bits;
  }
  facts.test_key = (flags & DKIM_SIGFLAG_TESTKEY) != 0;
  const bool key_fits = (flags & DKIM_SIGFLAG_PASSED) != 0;
  if (key_fits && dkim_sig_getbh(signature) == DKIM_SIGBH_MISMATCH) {
    facts.outcome = Outcome::body_differs;
    facts.reason = "body has changed";
  } else if (error != DKIM_SIGERROR_OK && error != DKIM_SIGERROR_BADSIG &&
             error != DKIM_SIGERROR_UNKNOWN) {
    facts.reason = error_text(error);
  } else if (!key_fits || error != DKIM_SIGERROR_OK ||
             dkim_sig_getbh(signature) != DKIM_SIGBH_MATCH) {
    facts.outcome = Outcome::header_differs;
    facts.reason = "signature does not fit the header";
  } else {
    facts.outcome = Outcome::verified;
    facts.unsigned_body = unsigned_body(message, signature, body);
  }
  return facts;
}

/// Facts that need no cryptography; unusable with an empty reason where it does.
SignatureFacts facts_before(const SignatureHeader& header, const KeyRecord& key) {
  if (!header.fault.empty()) {
    return {.reason = header.fault};
  }
  switch (key.status) {
    case KeyRecord::Status::usable: return {};
    case KeyRecord::Status::missing: return {.outcome = Outcome::key_missing, .reason = key.reason};
    case KeyRecord::Status::temporary:
      return {.outcome = Outcome::key_temporary, .reason = key.reason};
    case KeyRecord::Status::broken: return {.reason = key.reason};
  }
  return {};
}

/// Everything but the signatures with a fault; says which entries of `signatures` went in.
Result<std::vector<std::size_t>> feed_headers(DKIM* message, std::span<const HeaderField> headers,
                                              const Signatures& signatures) {
  std::vector<std::size_t> fed;
  std::size_t next = 0;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const bool is_entry = next < signatures.entries.size() && signatures.entries[next].field == i;
    const std::size_t entry = next;
    next += is_entry ? 1 : 0;
    const bool is_signature =
        is_entry || (signatures.skipped > 0 && is_signature_field(headers[i]));
    if (is_signature ? !is_entry || !signatures.entries[entry].header.fault.empty()
                     : !is_feedable(headers[i])) {
      continue;
    }
    const std::string_view text = headers[i].text();
    const DKIM_STAT status = dkim_header(message, bytes(text), text.size());
    // A field that the library finds malformed is nothing it could verify; the others go on.
    if (status != DKIM_STAT_OK && status != DKIM_STAT_SYNTAX) {
      return library_failure("take a header field", message, status);
    }
    if (is_signature) {
      fed.push_back(entry);
    }
  }
  return fed;
}

}  // namespace

Result<Verifier> Verifier::open() {
  auto library = open_library(find_key, usual_earliest);
  if (!library) {
    return std::unexpected(std::move(library.error()));
  }
  return Verifier(std::move(*library));
}

Result<std::vector<SignatureFacts>> Verifier::verify(
    std::span<const HeaderField> headers, std::string_view body, const Signatures& signatures,
    std::span<const KeyRecord> keys, std::chrono::steady_clock::time_point deadline) const {
  std::vector<SignatureFacts> facts;
  std::uint64_t earliest = usual_earliest;
  bool any_usable = false;
  for (std::size_t i = 0; i < signatures.entries.size(); ++i) {
    const SignatureHeader& header = signatures.entries[i].header;
    facts.push_back(facts_before(header, keys[i]));
    any_usable = any_usable || facts.back().reason.empty();
    earliest = std::min(earliest, header.time.value_or(earliest));
  }
  if (!any_usable) {
    return facts;
  }
  LibraryHandle special;
  if (earliest < usual_earliest) {
    auto opened = open_library(find_key, earliest);
    if (!opened) {
      return std::unexpected(std::move(opened.error()));
    }
    special = std::move(*opened);
  }
  DKIM_STAT status = DKIM_STAT_OK;
  KeysInUse keys_in_use;
  const MessageHandle message(
      dkim_verify(special ? special.get() : library_.get(), bytes("verify"), nullptr, &status));
  if (!message || dkim_set_user_context(message.get(), &keys_in_use) != DKIM_STAT_OK) {
    return fail("cannot start libopendkim: out of memory");
  }
  const auto fed = feed_headers(message.get(), headers, signatures);
  if (!fed) {
    return std::unexpected(fed.error());
  }
  for (const std::size_t entry : *fed) {
    keys_in_use.push_back(&keys[entry]);
  }
  if (status = dkim_eoh(message.get()); status != DKIM_STAT_OK) {
    return library_failure("end the header", message.get(), status);
  }
  if (auto done = feed_body(message.get(), body, deadline); !done) {
    return std::unexpected(std::move(done.error()));
  }
  if (auto done = finish(message.get()); !done) {
    return std::unexpected(std::move(done.error()));
  }
  const auto found = signatures_of(message.get());
  if (found.size() != fed->size()) {
    return fail("libopendkim counts " + std::to_string(found.size()) + " signatures where " +
                std::to_string(fed->size()) + " are");
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::size_t entry = (*fed)[i];
    if (facts[entry].reason.empty()) {
      facts[entry] = library_facts(message.get(), found[i],
                                   signatures.entries[entry].header.known_algorithm, body);
    }
  }
  return facts;
}

}  // namespace milterd::dkim
