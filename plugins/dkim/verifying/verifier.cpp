#include "plugins/dkim/verifying/verifier.hpp"

#include <algorithm>

#include "milterd/ascii.hpp"
#include "plugins/dkim/base64.hpp"
#include "plugins/dkim/verifying/body_size.hpp"

namespace milterd::dkim {

namespace {

void set(SignatureFacts& facts, Outcome outcome, std::string reason) {
  facts.outcome = outcome;
  facts.reason = std::move(reason);
}

/// What is known before anything is hashed; verified if nothing is amiss yet.
SignatureFacts facts_before(const SignatureHeader& header, const KeyRecord& key) {
  SignatureFacts facts;
  if (!header.fault.empty()) {
    set(facts, Outcome::malformed, header.fault);
    return facts;
  }
  set(facts, key.outcome, key.reason);
  facts.test_key = key.test;
  facts.dnssec = key.dnssec;
  return facts;
}

/// The domain of i=, "" where there is no i=.
std::string_view identity_domain(const SignatureHeader& header) {
  const std::size_t at = header.identity.rfind('@');
  return at == std::string::npos ? std::string_view{}
                                 : std::string_view(header.identity).substr(at + 1);
}

/// `facts` are verified so far, and stay so if the signature does.
Result<> compare(const SignatureHeader& header, const SignatureHashes& hashes, const KeyRecord& key,
                 KeyCache& cache, SignatureFacts& facts) {
  if (hashes.outcome != Outcome::verified) {
    set(facts, hashes.outcome, hashes.reason);
    return {};
  }
  const auto parsed = cache.parse(key.key, header.known_algorithm);
  if (!parsed) {
    set(facts, Outcome::key_undecodable, parsed.error().message);
    return {};
  }
  facts.key_bits = (*parsed)->bits();
  const auto fits = (*parsed)->fits(header.signature, hashes.header, header.known_algorithm);
  if (!fits) {
    return std::unexpected(fits.error());
  }
  const std::string_view identity = identity_domain(header);
  if (!*fits) {
    set(facts, Outcome::header_differs, "signature does not fit the header");
  } else if (header.body_hash != encode_base64(hashes.body)) {
    set(facts, Outcome::body_differs, "body has changed");
  } else if (key.exact_identity && !identity.empty() &&
             !equal_ignoring_case(identity, header.domain)) {
    set(facts, Outcome::identity_refused,
        "the domain of i= is below d=, which the key record does not allow (t=s)");
  }
  return {};
}

void measure_body(const SignatureHeader& header, std::string_view body, SignatureFacts& facts) {
  if (header.length) {
    facts.body_size = canonical_body_size(body, header.relaxed_body);
    facts.unsigned_body = facts.body_size - std::min(facts.body_size, *header.length);
  }
}

}  // namespace

Result<Verifier> Verifier::open() {
  auto hasher = SignatureHasher::open();
  if (!hasher) {
    return std::unexpected(std::move(hasher.error()));
  }
  return Verifier(std::move(*hasher));
}

Result<std::vector<SignatureFacts>> Verifier::verify(
    std::span<const HeaderField> headers, std::string_view body, const Signatures& signatures,
    std::span<const KeyRecord> keys, std::chrono::steady_clock::time_point deadline) const {
  std::vector<SignatureFacts> facts;
  std::vector<bool> wanted;
  for (std::size_t i = 0; i < signatures.entries.size(); ++i) {
    facts.push_back(facts_before(signatures.entries[i].header, keys[i]));
    wanted.push_back(facts.back().outcome == Outcome::verified);
  }
  if (std::ranges::find(wanted, true) == wanted.end()) {
    return facts;
  }
  const auto hashes = hasher_.hash(headers, body, signatures, wanted, deadline);
  if (!hashes) {
    return std::unexpected(hashes.error());
  }
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (!wanted[i]) {
      continue;
    }
    const SignatureHeader& header = signatures.entries[i].header;
    if (auto done = compare(header, (*hashes)[i], keys[i], *keys_, facts[i]); !done) {
      return std::unexpected(std::move(done.error()));
    }
    if (facts[i].outcome == Outcome::verified) {
      measure_body(header, body, facts[i]);
    }
  }
  return facts;
}

}  // namespace milterd::dkim
