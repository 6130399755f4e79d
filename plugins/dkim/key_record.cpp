#include "plugins/dkim/key_record.hpp"

#include <algorithm>
#include <cstddef>

#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

constexpr std::size_t longest_record = 1023;  // libopendkim's buffer, with its NUL, has 1024.

bool says_dkim1(std::string_view record) {
  const auto tags = TagList::parse(record);
  const std::string* version = tags ? tags->find("v") : nullptr;
  return version != nullptr && *version == "DKIM1";
}

/// What is wrong with the record, or "".
std::string record_fault(std::string_view record, Algorithm algorithm) {
  if (record.size() > longest_record) {
    return "key record is longer than " + std::to_string(longest_record) + " bytes";
  }
  const auto tags = TagList::parse(record);
  if (!tags) {
    return "key record is malformed: " + tags.error().message;
  }
  if (const std::string* version = tags->find("v"); version != nullptr && *version != "DKIM1") {
    return "key record has a version that is not known";
  }
  const std::string* type = tags->find("k");
  const std::string_view wanted = algorithm == Algorithm::ed25519_sha256 ? "ed25519" : "rsa";
  if ((type == nullptr ? "rsa" : std::string_view(*type)) != wanted) {
    return "key record is not of the signature's algorithm";
  }
  const std::string* key = tags->find("p");
  if (key == nullptr) {
    return "key record has no p=";
  }
  if (key->empty()) {
    return "key is revoked";
  }
  return is_base64(*key) ? std::string{} : "key record has a p= that is not base64";
}

}  // namespace

KeyRecord choose_key_record(const TxtAnswer& answer, Algorithm algorithm) {
  using Status = KeyRecord::Status;
  switch (answer.status) {
    case TxtAnswer::Status::found: break;
    case TxtAnswer::Status::none: return {Status::missing, {}, "no key record"};
    case TxtAnswer::Status::bogus:
      return {Status::temporary, {}, "key record fails DNSSEC validation"};
    case TxtAnswer::Status::temporary:
      return {Status::temporary, {}, "key look-up failed: " + answer.reason};
  }
  const auto& records = answer.records;
  if (records.empty()) {
    return {Status::missing, {}, "no key record"};
  }
  auto chosen = records.begin();
  if (records.size() > 1) {
    if (std::ranges::count_if(records, says_dkim1) != 1) {
      return {Status::broken, {}, "several key records"};
    }
    chosen = std::ranges::find_if(records, says_dkim1);
  }
  if (std::string fault = record_fault(*chosen, algorithm); !fault.empty()) {
    return {Status::broken, {}, std::move(fault)};
  }
  return {Status::usable, *chosen, {}};
}

}  // namespace milterd::dkim
