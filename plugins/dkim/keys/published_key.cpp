#include "plugins/dkim/keys/published_key.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "plugins/dkim/keys/published_record.hpp"

namespace milterd::dkim {

namespace {

using Status = PublishedKey::Status;

/// Look-ups at once: less than the resolver takes, whatever the size of the key table.
constexpr std::size_t batch = 256;
/// For one batch; the resolver's own limit for a look-up is shorter.
constexpr std::chrono::seconds longest_wait{60};

std::string publish(const SigningKey& key, const std::string& name) {
  return "publish this TXT record at " + name + ": " + key.public_record();
}

const char* type_of(Algorithm algorithm) {
  return algorithm == Algorithm::ed25519_sha256 ? "Ed25519" : "RSA";
}

void check_batch(Section& section, std::span<const Signers::Known> keys, Resolver& resolver) {
  std::vector<std::pair<std::string, std::unique_ptr<TxtLookup>>> lookups;
  for (const auto& known : keys) {
    std::string name = known.signer.selector + "._domainkey." + known.signer.domain;
    auto lookup = resolver.lookup_txt(name);
    lookups.emplace_back(std::move(name), std::move(lookup));
  }
  const auto deadline = std::chrono::steady_clock::now() + longest_wait;
  const std::string_view key = section.has("key_table") ? "key_table" : "key_file";
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& [name, lookup] = lookups[i];
    const auto published = compare_published(*keys[i].signer.key, name, lookup->wait(deadline));
    if (published.status != Status::same) {
      section.warning(key, keys[i].place + ": " + published.text);
    }
  }
}

}  // namespace

PublishedKey compare_published(const SigningKey& key, const std::string& name,
                               const TxtAnswer& answer) {
  const PublishedRecord published = read_published_record(answer);
  switch (published.status) {
    case PublishedRecord::Status::unknown:
      return {Status::unknown, "DNS does not answer for " + name + ": " + published.fault +
                                   "; check it again later"};
    case PublishedRecord::Status::missing:
      return {Status::missing,
              "nobody can verify what this key signs, DNS does not know it: " + publish(key, name)};
    case PublishedRecord::Status::unusable:
      return {Status::differs, "what DNS has at " + name + " is of no use: " + published.fault +
                                   "; " + publish(key, name)};
    case PublishedRecord::Status::usable: break;
  }
  const PublicKey& theirs = published.record.key;
  if (theirs.algorithm != key.algorithm()) {
    return {Status::differs, "the private key is " + std::string(type_of(key.algorithm())) +
                                 ", that in DNS is " + type_of(theirs.algorithm) +
                                 ": use the private key that belongs to it, or " +
                                 publish(key, name)};
  }
  const auto ours = read_key_record(key.public_record());
  if (!ours || ours->key.material != theirs.material) {
    return {Status::differs,
            "DNS has another key than the private one: use the private key that "
            "belongs to it, or " +
                publish(key, name)};
  }
  return {Status::same, {}};
}

void check_published_keys(Section& section, const Signers& signers, Resolver& resolver) {
  const std::vector<Signers::Known> known = signers.known();
  std::span<const Signers::Known> rest = known;
  while (!rest.empty()) {
    const auto part = rest.first(std::min(batch, rest.size()));
    check_batch(section, part, resolver);
    rest = rest.subspan(part.size());
  }
}

}  // namespace milterd::dkim
