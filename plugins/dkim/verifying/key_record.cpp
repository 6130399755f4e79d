#include "plugins/dkim/verifying/key_record.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

/// Room for the largest RSA key that OpenSSL takes, twice over.
constexpr std::size_t longest_record = 8 * 1024;

bool says_dkim1(std::string_view record) {
  const auto tags = TagList::parse(record);
  const std::string* version = tags ? tags->find("v") : nullptr;
  return version != nullptr && *version == "DKIM1";
}

/// Of a list with colons, as h=, s= and t= are.
bool lists(std::string_view list, std::string_view word) {
  return std::ranges::any_of(split_at_colons(list), [word](std::string_view part) {
    return equal_ignoring_case(part, word);
  });
}

KeyRecord unusable(Outcome outcome, std::string reason) {
  KeyRecord record;
  record.outcome = outcome;
  record.reason = std::move(reason);
  return record;
}

/// h=, s= and k=: is the key meant for such a signature? "" if so.
std::pair<Outcome, std::string_view> purpose_fault(const TagList& tags, Algorithm algorithm) {
  if (const std::string* hashes = tags.find("h"); hashes != nullptr) {
    if (!lists(*hashes, "sha256") && !lists(*hashes, "sha1")) {
      return {Outcome::key_hash_unknown, "key record allows no hash that is known (h=)"};
    }
    if (!lists(*hashes, algorithm == Algorithm::rsa_sha1 ? "sha1" : "sha256")) {
      return {Outcome::key_hash_refused, "key record does not allow the signature's hash (h=)"};
    }
  }
  if (const std::string* services = tags.find("s");
      services != nullptr && !lists(*services, "*") && !lists(*services, "email")) {
    return {Outcome::key_service, "key is not meant for mail (s=)"};
  }
  if (const std::string* type = tags.find("k");
      type != nullptr || algorithm == Algorithm::ed25519_sha256) {
    const bool rsa = type == nullptr || equal_ignoring_case(*type, "rsa");
    if (!rsa && !equal_ignoring_case(*type, "ed25519")) {
      return {Outcome::key_type_unknown, "key record has a type that is not known (k=)"};
    }
    if (rsa == (algorithm == Algorithm::ed25519_sha256)) {
      return {Outcome::key_type_differs, "key record is not of the signature's algorithm (k=)"};
    }
  }
  return {Outcome::verified, {}};
}

KeyRecord read_record(std::string_view text, Algorithm algorithm) {
  if (text.size() > longest_record) {
    return unusable(Outcome::key_malformed,
                    "key record is longer than " + std::to_string(longest_record) + " bytes");
  }
  const auto tags = TagList::parse(text);
  if (!tags) {
    return unusable(Outcome::key_malformed, "key record is malformed: " + tags.error().message);
  }
  if (const std::string* version = tags->find("v"); version != nullptr && *version != "DKIM1") {
    return unusable(Outcome::key_version, "key record has a version that is not known");
  }
  KeyRecord record;
  if (const std::string* flags = tags->find("t"); flags != nullptr) {
    record.test = lists(*flags, "y");
    record.exact_identity = lists(*flags, "s");
  }
  const std::string* key = tags->find("p");
  if (key == nullptr) {
    record.outcome = Outcome::key_malformed;
    record.reason = "key record has no p=";
  } else if (const auto [fault, reason] = purpose_fault(*tags, algorithm);
             fault != Outcome::verified) {
    record.outcome = fault;
    record.reason = reason;
  } else if (key->empty()) {
    record.outcome = Outcome::key_revoked;
    record.reason = "key is revoked";
  } else if (!is_base64(*key)) {
    record.outcome = Outcome::key_undecodable;
    record.reason = "key record has a p= that is not base64";
  } else {
    record.outcome = Outcome::verified;
    record.key = *key;
  }
  return record;
}

KeyRecord choose(const TxtAnswer& answer, Algorithm algorithm) {
  const auto& records = answer.records;
  if (answer.status == TxtAnswer::Status::temporary) {
    return unusable(Outcome::key_temporary, "key look-up failed: " + answer.reason);
  }
  if (answer.status == TxtAnswer::Status::bogus && records.empty()) {
    return unusable(Outcome::key_temporary, "key record fails DNSSEC validation");
  }
  if (answer.status == TxtAnswer::Status::none || records.empty()) {
    return unusable(Outcome::key_missing, "no key record");
  }
  auto chosen = records.begin();
  if (records.size() > 1) {
    if (std::ranges::count_if(records, says_dkim1) != 1) {
      return unusable(Outcome::key_several, "several key records");
    }
    chosen = std::ranges::find_if(records, says_dkim1);
  }
  return read_record(*chosen, algorithm);
}

}  // namespace

KeyRecord choose_key_record(const TxtAnswer& answer, Algorithm algorithm) {
  using Dnssec = KeyRecord::Dnssec;
  KeyRecord record = choose(answer, algorithm);
  if (answer.status == TxtAnswer::Status::bogus) {
    record.dnssec = Dnssec::bogus;
  } else if (answer.validating && answer.status == TxtAnswer::Status::found) {
    record.dnssec = answer.secure ? Dnssec::secure : Dnssec::unprotected;
  }
  return record;
}

}  // namespace milterd::dkim
