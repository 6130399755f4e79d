#include "plugins/dkim/verifying/signature_hashes.hpp"

#include <algorithm>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/dkim/tag_list.hpp"
#include "plugins/dkim/verifying/body_hash.hpp"
#include "plugins/dkim/verifying/body_size.hpp"
#include "plugins/dkim/verifying/header_hash.hpp"

namespace milterd::dkim {

namespace {

/// What the library was given.
struct Fed {
  std::vector<std::size_t> entries;       ///< Of Signatures, in its order.
  std::vector<std::string_view> misread;  ///< Names of the fields it was not, or would misread.
};

/// Where h= names every field that the library has, DKIM-Signature among them, and then one more,
/// the library writes beyond the end of a list and destroys the heap. With a field that no h= can
/// name that does not come about.
std::string field_that_is_not_named(const Signatures& signatures) {
  std::size_t longest = 0;
  for (const auto& entry : signatures.entries) {
    for (const std::string_view name : split_at_colons(entry.header.signed_headers)) {
      longest = std::max(longest, name.size());
    }
  }
  return std::string(longest + 1, 'x') + ":";
}

Result<Fed> feed_headers(DKIM* message, std::span<const HeaderField> headers,
                         const Signatures& signatures, const std::vector<bool>& wanted) {
  Fed fed;
  std::size_t next = 0;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const bool is_entry = next < signatures.entries.size() && signatures.entries[next].field == i;
    const std::size_t entry = next;
    next += is_entry ? 1 : 0;
    const std::string_view text = headers[i].text();
    const bool is_wanted = is_entry ? wanted[entry] : !is_signature_field(headers[i]);
    if (!is_wanted || !is_feedable(headers[i])) {
      fed.misread.push_back(trimmed_name(headers[i]));
      continue;
    }
    if (is_misread(headers[i])) {
      fed.misread.push_back(trimmed_name(headers[i]));
    }
    const DKIM_STAT status = dkim_header(message, bytes(text), text.size());
    // A field that the library finds malformed is nothing it could verify; the others go on.
    if (status != DKIM_STAT_OK && status != DKIM_STAT_SYNTAX) {
      return library_failure("take a header field", message, status);
    }
    if (is_entry) {
      fed.entries.push_back(entry);
    }
  }
  const std::string unnamed = field_that_is_not_named(signatures);
  if (const DKIM_STAT status = dkim_header(message, bytes(unnamed), unnamed.size());
      status != DKIM_STAT_OK) {
    return library_failure("take a header field", message, status);
  }
  return fed;
}

Result<SignatureHashes> finished_hashes(DKIM* message, DKIM_SIGINFO* signature) {
  SignatureHashes hashes;
  const int error = dkim_sig_geterror(signature);
  if (error == DKIM_SIGERROR_TOOLARGE_L) {
    hashes.outcome = Outcome::length_too_large;
    hashes.reason = "l= goes beyond the end of the body";
    return hashes;
  }
  if (error != DKIM_SIGERROR_NOKEY) {
    const char* text = dkim_sig_geterrorstr(error);
    hashes.outcome = Outcome::malformed;
    hashes.reason = text == nullptr ? "signature cannot be used" : text;
    return hashes;
  }
  const auto views = hashes_of(message, signature);
  if (!views) {
    return std::unexpected(views.error());
  }
  hashes.header = views->header;
  hashes.body = views->body;
  return hashes;
}

/// In the place of the library's hash.
Result<> hash_body_again(std::string_view body, const SignatureHeader& signature,
                         std::chrono::steady_clock::time_point deadline, SignatureHashes& hashes) {
  if (signature.length && canonical_body_size(body, signature.relaxed_body) < *signature.length) {
    hashes.outcome = Outcome::length_too_large;
    hashes.reason = "l= goes beyond the end of the body";
    return {};
  }
  auto again = hash_canonical_body(body,
                                   {.relaxed = signature.relaxed_body,
                                    .sha1 = signature.known_algorithm == Algorithm::rsa_sha1,
                                    .length = signature.length},
                                   deadline);
  if (!again) {
    return std::unexpected(std::move(again.error()));
  }
  hashes.body = std::move(*again);
  return {};
}

bool names_one_of(const SignatureHeader& signature, const std::vector<std::string_view>& fields) {
  if (fields.empty()) {
    return false;
  }
  const auto names = split_at_colons(signature.signed_headers);
  return std::ranges::any_of(fields, [&names](std::string_view field) {
    return std::ranges::any_of(
        names, [field](std::string_view name) { return equal_ignoring_case(name, field); });
  });
}

}  // namespace

Result<SignatureHasher> SignatureHasher::open() {
  auto library = open_library(usual_earliest);
  if (!library) {
    return std::unexpected(std::move(library.error()));
  }
  return SignatureHasher(std::move(*library));
}

Result<std::vector<SignatureHashes>> SignatureHasher::hash(
    std::span<const HeaderField> headers, std::string_view body, const Signatures& signatures,
    const std::vector<bool>& wanted, std::chrono::steady_clock::time_point deadline) const {
  SignatureHashes unfed;
  unfed.outcome = Outcome::malformed;
  unfed.reason = "the field's name is malformed";
  std::vector<SignatureHashes> all(signatures.entries.size(), unfed);
  std::uint64_t earliest = usual_earliest;
  for (const auto& entry : signatures.entries) {
    earliest = std::min(earliest, entry.header.time.value_or(earliest));
  }
  LibraryHandle special;
  if (earliest < usual_earliest) {
    auto opened = open_library(earliest);
    if (!opened) {
      return std::unexpected(std::move(opened.error()));
    }
    special = std::move(*opened);
  }
  DKIM_STAT status = DKIM_STAT_OK;
  const MessageHandle message(
      dkim_verify(special ? special.get() : library_.get(), bytes("verify"), nullptr, &status));
  if (!message) {
    return fail("cannot start libopendkim: out of memory");
  }
  const auto fed = feed_headers(message.get(), headers, signatures, wanted);
  if (!fed) {
    return std::unexpected(fed.error());
  }
  if (fed->entries.empty()) {
    return all;
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
  if (found.size() != fed->entries.size()) {
    return fail("libopendkim counts " + std::to_string(found.size()) + " signatures where " +
                std::to_string(fed->entries.size()) + " are");
  }
  const bool strays = has_stray_line_end(body);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& entry = signatures.entries[fed->entries[i]];
    auto hashes = finished_hashes(message.get(), found[i]);
    if (!hashes) {
      return std::unexpected(std::move(hashes.error()));
    }
    // Nor does the library know that a signature never covers its own field (RFC 6376 section 3.7).
    const bool misread = names_one_of(entry.header, fed->misread) ||
                         has_misread_tag(headers[entry.field]) ||
                         entry.header.times_signed("DKIM-Signature") > 0;
    if (!hashes->header.empty() && misread) {
      auto complete = hash_named_fields(headers, entry.field, entry.header);
      if (!complete) {
        return std::unexpected(std::move(complete.error()));
      }
      hashes->header = std::move(*complete);
    }
    if (!hashes->body.empty() && strays) {
      if (auto done = hash_body_again(body, entry.header, deadline, *hashes); !done) {
        return std::unexpected(std::move(done.error()));
      }
    }
    all[fed->entries[i]] = std::move(*hashes);
  }
  return all;
}

}  // namespace milterd::dkim
