#include "plugins/dkim/keys/signing_table.hpp"

#include <algorithm>

#include "milterd/ascii.hpp"

namespace milterd::dkim {

namespace {

constexpr std::string_view setting = "signing_table";
constexpr std::string_view wildcards = "*[]()|?{}^$\\";

std::string row_of(const SigningTable::Row& row) {
  return row.place + ": row '" + row.senders + "' ";
}

/// Whether a pattern fits senders that have nothing in common.
bool fits_everybody(const NamePattern& pattern) {
  return pattern.matches("somebody@one.example") && pattern.matches("j.doe@other.test.invalid");
}

}  // namespace

SigningTable::SigningTable(Section& section, std::string_view specification, bool all_rows)
    : all_rows_(all_rows) {
  const auto set = DataSet::read(specification);
  if (!set) {
    section.error(setting, set.error().message);
    sound_ = false;
    return;
  }
  if (set->entries.empty()) {
    section.error(setting, "'" + std::string(specification) + "' has no row");
    sound_ = false;
  }
  has_patterns_ = set->kind == DataSet::Kind::patterns;
  rows_.reserve(set->entries.size());
  for (const DataEntry& entry : set->entries) {
    if (!add(section, entry, has_patterns_)) {
      sound_ = false;
    }
  }
}

bool SigningTable::add(Section& section, const DataEntry& entry, bool is_pattern) {
  const std::size_t colon = entry.value.find(':');
  Row row{.senders = entry.key,
          .key_name = entry.value.substr(0, colon),
          .signer = colon == std::string::npos ? "" : entry.value.substr(colon + 1),
          .place = entry.place};
  if (row.key_name.empty()) {
    section.error(setting, row_of(row) + "names no key: a row is SENDER KEYNAME");
    return false;
  }
  const std::string key = to_lower(row.senders);
  const std::size_t position = rows_.size();
  if (!is_pattern) {
    row.everybody = key == "*" || (key.ends_with("@*") && key.find('*') == key.size() - 1);
    exact_[key].push_back(position);
  } else if (key.find_first_of(wildcards) == std::string::npos) {
    exact_[key].push_back(position);
  } else if (key.starts_with("*@") && key.find_first_of(wildcards, 1) == std::string::npos &&
             key.find('@', 2) == std::string::npos) {
    any_at_[key.substr(1)].push_back(position);
  } else {
    auto pattern = NamePattern::compile(row.senders);
    if (!pattern) {
      section.error(setting, row.place + ": " + pattern.error().message);
      return false;
    }
    row.everybody = fits_everybody(*pattern);
    others_.emplace_back(position, std::move(*pattern));
  }
  warn_of_hopeless(section, row, is_pattern);
  rows_.push_back(std::move(row));
  return true;
}

void SigningTable::warn_of_hopeless(Section& section, const Row& row, bool is_pattern) const {
  const std::string_view senders = row.senders;
  const auto stars = std::ranges::count(senders, '*');
  if (is_pattern) {
    if (senders.find_first_of(wildcards) == std::string_view::npos &&
        senders.find('@') == std::string_view::npos) {
      section.warning(setting, row_of(row) + "fits no sender: write '*@" + row.senders +
                                   "' for those of a domain");
    }
    return;
  }
  if (stars > (row.everybody ? 1 : 0)) {
    section.warning(setting, row_of(row) +
                                 "fits no sender: this table has no patterns; write DOMAIN, "
                                 ".DOMAIN or USER@DOMAIN, or name the table with refile:");
  } else if (!all_rows_ && exact_.at(to_lower(senders)).size() > 1) {
    section.warning(setting, row_of(row) +
                                 "is there already; without multiple_signatures only the first "
                                 "one counts");
  }
}

std::vector<const SigningTable::Row*> SigningTable::find(const MailAddress& sender) const {
  std::vector<const Row*> found;
  if (has_patterns_) {
    find_pattern(sender, found);
  } else {
    find_exact(sender, found);
  }
  return found;
}

void SigningTable::find_pattern(const MailAddress& sender, std::vector<const Row*>& found) const {
  const std::string address = to_lower(sender.local_part) + "@" + sender.domain;
  std::vector<std::size_t> positions;
  const auto take = [&positions](const Index& index, const std::string& text) {
    if (const auto fitting = index.find(text); fitting != index.end()) {
      positions.insert(positions.end(), fitting->second.begin(), fitting->second.end());
    }
  };
  take(exact_, address);
  take(any_at_, "@" + sender.domain);
  const std::size_t first = positions.empty() ? rows_.size() : *std::ranges::min_element(positions);
  for (const auto& [position, pattern] : others_) {
    if (!all_rows_ && position > first) {
      break;
    }
    if (pattern.matches(address)) {
      positions.push_back(position);
      if (!all_rows_) {
        break;
      }
    }
  }
  std::ranges::sort(positions);
  if (!all_rows_ && positions.size() > 1) {
    positions.resize(1);
  }
  for (const std::size_t position : positions) {
    found.push_back(&rows_[position]);
  }
}

void SigningTable::find_exact(const MailAddress& sender, std::vector<const Row*>& found) const {
  const std::string user = to_lower(sender.local_part) + "@";
  const auto look_up = [&](const std::string& text) {
    const auto fitting = exact_.find(text);
    if (fitting == exact_.end() || (!all_rows_ && !found.empty())) {
      return;
    }
    for (const std::size_t position : fitting->second) {
      found.push_back(&rows_[position]);
      if (!all_rows_) {
        return;
      }
    }
  };
  look_up(user + sender.domain);
  look_up(sender.domain);
  // Not at the domain's own first character: that would be the domain once more.
  for (std::size_t dot = sender.domain.find('.', 1); dot != std::string::npos;
       dot = sender.domain.find('.', dot + 1)) {
    const std::string parent = sender.domain.substr(dot);
    look_up(user + parent);
    look_up(parent);
  }
  look_up(user + "*");
  look_up("*");
}

}  // namespace milterd::dkim
