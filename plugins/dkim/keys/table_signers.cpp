#include "plugins/dkim/keys/table_signers.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/dkim/keys/key_path_pattern.hpp"
#include "plugins/dkim/keys/key_table.hpp"
#include "plugins/dkim/keys/named_few.hpp"
#include "plugins/dkim/keys/signing_table.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

constexpr std::string_view senders_domain = "%";
constexpr std::size_t most_signatures = 10;
constexpr std::size_t longest_sender = 1000;

bool is_below_or_same(std::string_view domain, std::string_view parent) {
  return equal_ignoring_case(domain, parent) ||
         (domain.size() > parent.size() && domain[domain.size() - parent.size() - 1] == '.' &&
          equal_ignoring_case(domain.substr(domain.size() - parent.size()), parent));
}

/// Of i= as it may stand in a signature without being encoded; "" where it cannot.
std::string_view domain_of_identity(std::string_view identity) {
  const std::size_t at = identity.rfind('@');
  if (at == std::string_view::npos || !is_domain_name(identity.substr(at + 1))) {
    return {};
  }
  const bool plain = std::ranges::all_of(identity.substr(0, at), [](char c) {
    return c > ' ' && c < '\x7f' && c != ';' && c != '=' && c != '@';
  });
  return plain ? identity.substr(at + 1) : std::string_view{};
}

class TableSigners final : public Signers {
 public:
  TableSigners(KeyTable keys, SigningTable table)
      : keys_(std::move(keys)), table_(std::move(table)) {}

  std::vector<Signer> find(const MailAddress& sender, std::vector<std::string>& why) const override;
  bool names(const MailAddress& sender) const override;
  std::vector<Known> known() const override;

 private:
  std::optional<Signer> signer_of(const SigningTable::Row& row, const MailAddress& sender,
                                  std::vector<std::string>& why) const;
  const KeyTable::Entry* key_of(const SigningTable::Row& row, const MailAddress& sender) const {
    return keys_.find(row.key_name == senders_domain ? sender.domain : row.key_name);
  }

  KeyTable keys_;
  SigningTable table_;
};

bool can_be_looked_up(const MailAddress& sender) {
  // "a@example."@example.net would fit a pattern that is meant for the domain of others.
  return is_domain_name(sender.domain) && sender.local_part.find('@') == std::string::npos &&
         sender.local_part.size() + sender.domain.size() < longest_sender;
}

std::optional<Signer> TableSigners::signer_of(const SigningTable::Row& row,
                                              const MailAddress& sender,
                                              std::vector<std::string>& why) const {
  const KeyTable::Entry* entry = key_of(row, sender);
  const std::string key_name = row.key_name == senders_domain ? sender.domain : row.key_name;
  std::string step = row.place + " fits the sender, and has key " + key_name;
  if (entry == nullptr) {
    why.push_back(step + ", which is not in key_table");
    return std::nullopt;
  }
  Signer signer{.domain = entry->domain == senders_domain ? sender.domain : entry->domain,
                .selector = entry->selector,
                .identity = with_domain(row.signer, sender.domain),
                .key = entry->key_for(sender.domain)};
  if (signer.key == nullptr) {
    why.push_back(step + ", which has no file for " + sender.domain);
    return std::nullopt;
  }
  why.push_back(std::move(step));
  if (!signer.identity.empty() &&
      !is_below_or_same(domain_of_identity(signer.identity), signer.domain)) {
    why.push_back("signer " + signer.identity + " is not in " + signer.domain +
                  ", so there is no i=");
    signer.identity.clear();
  }
  return signer;
}

std::vector<Signer> TableSigners::find(const MailAddress& sender,
                                       std::vector<std::string>& why) const {
  std::vector<Signer> found;
  if (!can_be_looked_up(sender)) {
    why.emplace_back("the sender's address is not one that can be in signing_table");
    return found;
  }
  const auto rows = table_.find(sender);
  if (rows.empty()) {
    why.push_back("no row of signing_table fits " + sender.local_part + "@" + sender.domain);
  }
  for (const SigningTable::Row* row : rows) {
    if (found.size() == most_signatures) {
      why.push_back("more rows fit, but " + std::to_string(most_signatures) +
                    " signatures are the most");
      break;
    }
    auto signer = signer_of(*row, sender, why);
    if (!signer) {
      continue;
    }
    const bool is_repeated = std::ranges::any_of(found, [&signer](const Signer& other) {
      return other.domain == signer->domain && other.selector == signer->selector &&
             other.identity == signer->identity;
    });
    if (!is_repeated) {
      found.push_back(std::move(*signer));
    }
  }
  return found;
}

bool TableSigners::names(const MailAddress& sender) const {
  if (!can_be_looked_up(sender)) {
    return false;
  }
  return std::ranges::any_of(table_.find(sender), [&](const SigningTable::Row* row) {
    const KeyTable::Entry* entry = key_of(*row, sender);
    const bool named = !row->everybody || row->key_name == senders_domain ||
                       (entry != nullptr && entry->by_domain);
    return named && entry != nullptr && entry->key_for(sender.domain) != nullptr;
  });
}

std::vector<Signers::Known> TableSigners::known() const {
  std::vector<Known> known;
  const auto add = [&known](const KeyTable::Entry& entry, const std::string& domain,
                            const std::shared_ptr<const SigningKey>& key) {
    known.push_back(
        {.signer = {.domain = domain, .selector = entry.selector, .identity = "", .key = key},
         .place = entry.place});
  };
  for (const KeyTable::Entry& entry : keys_.entries()) {
    for (const auto& [domain, key] : entry.key_of_domain) {
      add(entry, domain, key);
    }
    if (entry.key != nullptr && entry.domain != senders_domain) {
      add(entry, entry.domain, entry.key);
    }
  }
  return known;
}

/// What neither table shows alone.
class CrossCheck {
 public:
  CrossCheck(Section& section, const KeyTable& keys, const SigningTable& table)
      : section_(section), keys_(keys), table_(table) {}

  bool is_sound() {
    for (const SigningTable::Row& row : table_.rows()) {
      if (row.key_name == senders_domain) {
        by_senders_domain_ = true;
        check_signer(row, senders_domain);
      } else if (const KeyTable::Entry* entry = keys_.find(row.key_name)) {
        used_.insert(row.key_name);
        check_signer(row, entry->domain);
        warn_of_everybody(row, *entry);
      } else {
        complain(row, "has key '" + row.key_name + "', which is not in key_table");
      }
    }
    warn_of_unused();
    return sound_;
  }

 private:
  void complain(const SigningTable::Row& row, const std::string& text) {
    section_.error("signing_table", row.place + ": row '" + row.senders + "' " + text);
    sound_ = false;
  }

  void check_signer(const SigningTable::Row& row, std::string_view domain) {
    if (row.signer.empty()) {
      return;
    }
    // Any domain serves to see whether the rest is right.
    const bool varies = row.signer.find('%') != std::string::npos;
    const std::string_view identity_domain =
        varies ? std::string_view{} : domain_of_identity(row.signer);
    const std::string example = with_domain(row.signer, "example.org");
    if (domain_of_identity(example).empty()) {
      complain(row, "has signer '" + row.signer + "', which is not [USER]@DOMAIN");
    } else if (!varies && domain != senders_domain && !is_below_or_same(identity_domain, domain)) {
      complain(row, "has signer '" + row.signer + "', which is not in " + std::string(domain) +
                        ", the domain of key '" + row.key_name + "'");
    }
  }

  void warn_of_everybody(const SigningTable::Row& row, const KeyTable::Entry& entry) {
    if (row.everybody && entry.domain != senders_domain) {
      section_.warning("signing_table",
                       row.place + ": row '" + row.senders + "' signs for senders of all domains " +
                           "as " + entry.domain + ", which counts for none of the others; name " +
                           "the senders, or make % the domain of key '" + entry.name + "'");
    }
  }

  void warn_of_unused() {
    std::vector<std::string> unused;
    for (const KeyTable::Entry& entry : keys_.entries()) {
      const bool may_be_used = by_senders_domain_ && is_domain_name(entry.name) &&
                               entry.name.find('.') != std::string::npos;
      if (!may_be_used && !used_.contains(entry.name)) {
        unused.push_back("'" + entry.name + "' (" + entry.place + ")");
      }
    }
    if (!unused.empty()) {
      section_.warning("key_table", "no row of signing_table uses key " + named_few(unused));
    }
  }

  Section& section_;
  const KeyTable& keys_;
  const SigningTable& table_;
  std::set<std::string, std::less<>> used_;
  bool by_senders_domain_ = false;
  bool sound_ = true;
};

}  // namespace

std::unique_ptr<const Signers> make_table_signers(Section& section, const TableSettings& settings,
                                                  KeyReader& keys) {
  const auto demand = [&](std::string_view key, const std::string& value, std::string_view other) {
    if (value.empty()) {
      section.error(key, std::string(key) + " is missing: " + std::string(other) +
                             " does not work without it");
    }
    return !value.empty();
  };
  if (!demand("key_table", settings.key_table, "signing_table") ||
      !demand("signing_table", settings.signing_table, "key_table")) {
    return nullptr;
  }
  KeyTable key_table(section, settings.key_table, keys);
  SigningTable signing_table(section, settings.signing_table, settings.multiple_signatures);
  // A table that could not be read says nothing about the other.
  if (key_table.entries().empty() || signing_table.rows().empty()) {
    return nullptr;
  }
  const bool fit = CrossCheck(section, key_table, signing_table).is_sound();
  if (!fit || !key_table.is_sound() || !signing_table.is_sound()) {
    return nullptr;
  }
  return std::make_unique<TableSigners>(std::move(key_table), std::move(signing_table));
}

}  // namespace milterd::dkim
