#include "plugins/dkim/keys/key_table.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/dkim/keys/key_path_pattern.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

constexpr std::string_view setting = "key_table";

bool is_file(std::string_view key) {
  return key.starts_with('/') || key.starts_with("./") || key.starts_with("../");
}

/// Takes a fourth field off the third one, which may have colons itself.
std::optional<Algorithm> take_algorithm(std::string_view& key) {
  constexpr std::array known = {Algorithm::rsa_sha256, Algorithm::ed25519_sha256,
                                Algorithm::rsa_sha1};
  const std::size_t colon = key.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view word = key.substr(colon + 1);
  const auto* found = std::ranges::find_if(
      known, [word](Algorithm one) { return equal_ignoring_case(to_string(one), word); });
  if (found == known.end()) {
    return std::nullopt;
  }
  key = key.substr(0, colon);
  return *found;
}

std::string row_of(const KeyTable::Entry& entry) {
  return entry.place + ": key '" + entry.name + "' ";
}

}  // namespace

KeyTable::Entry::Key KeyTable::Entry::key_for(std::string_view sender_domain) const {
  if (!by_domain) {
    return key;
  }
  const auto found = key_of_domain.find(sender_domain);
  return found == key_of_domain.end() ? nullptr : found->second;
}

void KeyTable::complain(Section& section, const std::string& text) {
  section.error(setting, text);
  sound_ = false;
}

KeyTable::KeyTable(Section& section, std::string_view specification, KeyReader& keys) {
  const auto set = DataSet::read(specification);
  if (!set) {
    complain(section, set.error().message);
    return;
  }
  if (set->kind == DataSet::Kind::patterns) {
    section.warning(setting,
                    "the names of keys are no patterns; they are taken as they stand, as "
                    "with file:");
  }
  if (set->entries.empty()) {
    complain(section, "'" + std::string(specification) + "' has no key");
  }
  entries_.reserve(set->entries.size());
  for (const DataEntry& row : set->entries) {
    add(section, row, keys);
  }
}

void KeyTable::add(Section& section, const DataEntry& row, KeyReader& keys) {
  const auto [position, is_new] = positions_.try_emplace(row.key, entries_.size());
  if (!is_new) {
    section.warning(setting, row.place + ": key '" + row.key + "' is there already, in " +
                                 entries_[position->second].place + "; that one counts");
    return;
  }
  Entry& entry = entries_.emplace_back();
  entry.name = row.key;
  entry.place = row.place;
  const std::string_view value = row.value;
  const std::size_t first = value.find(':');
  const std::size_t second = first == std::string_view::npos ? first : value.find(':', first + 1);
  if (second == std::string_view::npos || second + 1 == value.size()) {
    complain(section, row_of(entry) + "is incomplete: a row is NAME DOMAIN:SELECTOR:KEY");
    return;
  }
  entry.domain = to_lower(value.substr(0, first));
  entry.selector = value.substr(first + 1, second - first - 1);
  if (entry.domain != "%" && !is_domain_name(entry.domain)) {
    complain(section, row_of(entry) + "is for '" + entry.domain +
                          "', which is neither a domain name nor % (the sender's domain)");
  }
  if (!is_domain_name(entry.selector)) {
    complain(section, row_of(entry) + "has selector '" + entry.selector +
                          "', which is no part of a domain name");
  }
  read_key(section, entry, value.substr(second + 1), keys);
}

void KeyTable::read_key(Section& section, Entry& entry, std::string_view key, KeyReader& keys) {
  const std::optional<Algorithm> algorithm = take_algorithm(key);
  if (algorithm == Algorithm::rsa_sha1) {
    complain(
        section,
        row_of(entry) +
            "is to sign with rsa-sha1, which no verifier may accept (RFC 8301); write rsa-sha256");
    return;
  }
  const KeyPlace place{.setting = setting, .place = entry.place + ": "};
  const auto keep = [&](std::shared_ptr<const SigningKey> read) {
    if (read == nullptr) {
      sound_ = false;
    } else if (algorithm && read->algorithm() != *algorithm) {
      complain(section, row_of(entry) + "is to sign with " + to_string(*algorithm) +
                            ", but it is a key for " + to_string(read->algorithm()));
      read = nullptr;
    }
    return read;
  };
  if (!is_file(key)) {
    entry.key = keep(keys.read_text(std::string(key), entry.name, place));
    return;
  }
  // "%" in a relative path is a character like any other, as in opendkim.
  if (!key.starts_with('/') || key.find('%') == std::string_view::npos) {
    entry.key = keep(keys.read_file(std::string(key), place));
    return;
  }
  if (entry.domain != "%") {
    entry.key = keep(keys.read_file(with_domain(key, entry.domain), place));
    return;
  }
  entry.by_domain = true;
  const auto files = find_domain_key_files(key);
  if (!files) {
    complain(section, entry.place + ": " + files.error().message);
    return;
  }
  if (files->empty()) {
    section.warning(setting, row_of(entry) + "signs for nobody: there is no file '" +
                                 std::string(key) + "' with a domain in place of %");
  }
  for (const DomainKeyFile& file : *files) {
    entry.key_of_domain.emplace(file.domain, keep(keys.read_file(file.path, place)));
  }
}

const KeyTable::Entry* KeyTable::find(std::string_view name) const {
  const auto found = positions_.find(name);
  return found == positions_.end() ? nullptr : &entries_[found->second];
}

}  // namespace milterd::dkim
