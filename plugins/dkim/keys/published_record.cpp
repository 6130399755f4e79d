#include "plugins/dkim/keys/published_record.hpp"

#include <algorithm>
#include <memory>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <optional>
#include <utility>

#include "plugins/dkim/base64.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

constexpr std::size_t longest_record = 1023;  // libopendkim's buffer, with its NUL, has 1024.
constexpr std::size_t ed25519_size = 32;
constexpr std::size_t ed25519_bits = 256;
constexpr std::size_t least_rsa_bits = 1024;
constexpr std::size_t good_rsa_bits = 2048;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeKey>;

bool says_dkim1(std::string_view record) {
  const auto tags = TagList::parse(record);
  const std::string* version = tags ? tags->find("v") : nullptr;
  return version != nullptr && *version == "DKIM1";
}

/// A tag's value is a list with ":" between its words.
bool has_word(std::string_view list, std::string_view word) {
  while (true) {
    const std::size_t colon = list.find(':');
    if (list.substr(0, colon) == word) {
      return true;
    }
    if (colon == std::string_view::npos) {
      return false;
    }
    list.remove_prefix(colon + 1);
  }
}

std::string subject_public_key_info(EVP_PKEY* key) {
  const int size = i2d_PUBKEY(key, nullptr);
  std::string der(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  return size > 0 && i2d_PUBKEY(key, &at) == size ? der : std::string{};
}

/// `bare` says whether the data is an RSAPublicKey without its envelope.
KeyHandle read_rsa(const std::string& der, bool& bare) {
  const auto* const begin = reinterpret_cast<const unsigned char*>(der.data());
  const auto* at = begin;
  const auto size = static_cast<long>(der.size());
  KeyHandle key(d2i_PUBKEY(nullptr, &at, size));
  bare = key == nullptr;
  if (bare) {
    at = begin;
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
  }
  ERR_clear_error();
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA || at != begin + size) {
    return nullptr;
  }
  return key;
}

Result<UsableRecord> read_rsa_record(const std::string& der) {
  bool bare = false;
  const KeyHandle key = read_rsa(der, bare);
  if (key == nullptr) {
    return fail("its p= is no RSA public key; a part of it may have been lost on the way to DNS");
  }
  UsableRecord record;
  record.key.algorithm = Algorithm::rsa_sha256;
  record.key.bits = static_cast<std::size_t>(EVP_PKEY_get_bits(key.get()));
  record.key.material = subject_public_key_info(key.get());
  const std::string bits = std::to_string(record.key.bits) + " bits";
  if (record.key.bits < least_rsa_bits) {
    return fail("its RSA key has " + bits + ", verifiers refuse less than 1024 (RFC 8301)");
  }
  if (record.key.bits < good_rsa_bits) {
    record.notes.push_back("its RSA key has " + bits + ", 2048 are usual today");
  }
  if (bare) {
    record.notes.emplace_back(
        "its p= is a bare RSAPublicKey, which some verifiers cannot read; publish a "
        "SubjectPublicKeyInfo");
  }
  return record;
}

Result<UsableRecord> read_ed25519_record(const std::string& data) {
  if (data.size() != ed25519_size) {
    return fail("its p= has " + std::to_string(data.size()) +
                " bytes, an Ed25519 public key has 32 (RFC 8463)");
  }
  return UsableRecord{{Algorithm::ed25519_sha256, ed25519_bits, data}, {}};
}

}  // namespace

Result<UsableRecord> read_key_record(std::string_view text) {
  const auto tags = TagList::parse(text);
  if (!tags) {
    return fail("it is malformed: " + tags.error().message);
  }
  const auto value = [&](std::string_view name, std::string_view otherwise) {
    const std::string* found = tags->find(name);
    return found == nullptr ? std::string(otherwise) : *found;
  };
  if (const std::string version = value("v", "DKIM1"); version != "DKIM1") {
    return fail("it says v=" + version + ", not v=DKIM1");
  }
  const std::string* key = tags->find("p");
  if (key == nullptr) {
    return fail("it has no p=, so no key");
  }
  if (key->empty()) {
    return fail("the key is revoked (its p= is empty)");
  }
  const std::string type = value("k", "rsa");
  if (type != "rsa" && type != "ed25519") {
    return fail("it says k=" + type + "; DKIM knows rsa and ed25519");
  }
  if (const std::string hashes = value("h", "sha256"); !has_word(hashes, "sha256")) {
    return fail("it says h=" + hashes + ", which forbids sha256, the one hash in use");
  }
  if (const std::string services = value("s", "*");
      !has_word(services, "*") && !has_word(services, "email")) {
    return fail("it says s=" + services + ", so the key is not for mail");
  }
  const auto data = decode_base64(*key);
  if (!data) {
    return fail("its p= is not base64");
  }
  auto record = type == "rsa" ? read_rsa_record(*data) : read_ed25519_record(*data);
  if (!record) {
    return record;
  }
  const std::string flags = value("t", "");
  if (has_word(flags, "y")) {
    record->notes.emplace_back(
        "it says t=y: verifiers take the domain for one that only tries DKIM out");
  }
  if (has_word(flags, "s")) {
    record->notes.emplace_back("it says t=s: the domain of i= must be exactly that of d=");
  }
  if (tags->find("v") == nullptr) {
    record->notes.emplace_back("it does not begin with v=DKIM1");
  }
  if (text.size() > longest_record) {
    record->notes.push_back("it has " + std::to_string(text.size()) +
                            " bytes; some verifiers read 1023 only");
  }
  return record;
}

PublishedRecord read_published_record(const TxtAnswer& answer) {
  using Status = PublishedRecord::Status;
  switch (answer.status) {
    case TxtAnswer::Status::found: break;
    case TxtAnswer::Status::none: return {Status::missing, "DNS has no TXT record there", {}};
    case TxtAnswer::Status::bogus:
      return {Status::unusable, "the answer fails DNSSEC validation: " + answer.reason, {}};
    case TxtAnswer::Status::temporary: return {Status::unknown, answer.reason, {}};
  }
  const auto& records = answer.records;
  if (records.empty()) {
    return {Status::missing, "DNS has no TXT record there", {}};
  }
  auto chosen = records.begin();
  const bool several = records.size() > 1;
  if (several) {
    if (std::ranges::count_if(records, says_dkim1) != 1) {
      return {Status::unusable,
              "there are " + std::to_string(records.size()) +
                  " TXT records, verifiers may take any: leave one",
              {}};
    }
    chosen = std::ranges::find_if(records, says_dkim1);
  }
  auto record = read_key_record(*chosen);
  if (!record) {
    return {Status::unusable, "the record cannot be used: " + record.error().message, {}};
  }
  if (several) {
    record->notes.push_back("there are " + std::to_string(records.size()) +
                            " TXT records, some verifiers may take another: leave one");
  }
  return {Status::usable, {}, *std::move(record)};
}

}  // namespace milterd::dkim
