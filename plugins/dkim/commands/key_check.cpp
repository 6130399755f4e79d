#include "plugins/dkim/commands/key_check.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <utility>

#include "plugins/dkim/keys/published_key.hpp"
#include "plugins/dkim/keys/published_record.hpp"

namespace milterd::dkim {

namespace {

using Outcome = CheckedKey::Outcome;

constexpr std::size_t batch = 256;               // Less than the resolver takes at once.
constexpr std::chrono::minutes longest_wait{1};  // The resolver's own limit is shorter.

struct Finding {
  Outcome outcome;
  std::string text;
};

Finding compare(const KeyToCheck& key, const TxtAnswer& answer) {
  const PublishedKey published = compare_published(*key.key, key.name, answer);
  switch (published.status) {
    case PublishedKey::Status::same: return {Outcome::right, "same"};
    case PublishedKey::Status::differs: return {Outcome::wrong, "differs: " + published.text};
    case PublishedKey::Status::missing: return {Outcome::wrong, "missing: " + published.text};
    case PublishedKey::Status::unknown: break;
  }
  return {Outcome::unknown, "no answer: " + published.text};
}

Finding look_at(const PublishedRecord& record) {
  switch (record.status) {
    case PublishedRecord::Status::usable: {
      const PublicKey& key = record.record.key;
      return {Outcome::right, key.algorithm == Algorithm::ed25519_sha256
                                  ? "usable, an Ed25519 key"
                                  : "usable, an RSA key of " + std::to_string(key.bits) + " bits"};
    }
    case PublishedRecord::Status::unusable:
      return {Outcome::wrong,
              "unusable: " + record.fault + "; publish the record that milterd-keygen prints"};
    case PublishedRecord::Status::missing:
      return {Outcome::wrong,
              "missing: " + record.fault + "; publish the record that milterd-keygen prints"};
    case PublishedRecord::Status::unknown: break;
  }
  return {Outcome::unknown, "no answer: " + record.fault + "; check it again later"};
}

}  // namespace

CheckedKey check_key(const KeyToCheck& key, const TxtAnswer& answer) {
  const PublishedRecord record = read_published_record(answer);
  const Finding finding = key.key == nullptr ? look_at(record) : compare(key, answer);
  CheckedKey checked{finding.outcome, key.name + ": " + finding.text};
  if (record.status != PublishedRecord::Status::usable) {
    return checked;
  }
  if (answer.validating) {
    checked.line += answer.secure ? "; secured by DNSSEC" : "; not secured by DNSSEC";
  }
  if (!answer.alias_of.empty()) {
    checked.line += "; the record is that of " + answer.alias_of + ", by a CNAME";
  }
  for (const std::string& note : record.record.notes) {
    checked.line += "; " + note;
  }
  return checked;
}

std::vector<CheckedKey> check_keys(std::span<const KeyToCheck> keys, Resolver& resolver) {
  std::vector<CheckedKey> checked;
  while (!keys.empty()) {
    const auto part = keys.first(std::min(batch, keys.size()));
    std::vector<std::unique_ptr<TxtLookup>> lookups;
    for (const KeyToCheck& key : part) {
      lookups.push_back(resolver.lookup_txt(key.name));
    }
    const auto deadline = std::chrono::steady_clock::now() + longest_wait;
    for (std::size_t i = 0; i < part.size(); ++i) {
      checked.push_back(check_key(part[i], lookups[i]->wait(deadline)));
    }
    keys = keys.subspan(part.size());
  }
  return checked;
}

}  // namespace milterd::dkim
