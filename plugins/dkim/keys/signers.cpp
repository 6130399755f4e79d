#include "plugins/dkim/keys/signers.hpp"

#include "plugins/dkim/keys/key_reader.hpp"
#include "plugins/dkim/keys/single_key.hpp"
#include "plugins/dkim/keys/table_signers.hpp"

namespace milterd::dkim {

namespace {

/// What the tables say themselves.
bool has_conflict(Section& section) {
  bool conflict = false;
  for (const char* key : {"domain", "selector", "key_file", "sub_domains"}) {
    if (section.has(key)) {
      section.error(key, std::string(key) +
                             " does not count beside key_table and signing_table: remove it, or "
                             "the tables");
      conflict = true;
    }
  }
  return conflict;
}

}  // namespace

std::unique_ptr<const Signers> read_signers(Section& section, bool wanted) {
  const SingleKeySettings single{.domains = section.strings("domain", {}),
                                 .selector = section.string("selector", ""),
                                 .key_file = section.string("key_file", ""),
                                 .sub_domains = section.boolean("sub_domains", false)};
  const TableSettings tables{.key_table = section.string("key_table", ""),
                             .signing_table = section.string("signing_table", ""),
                             .multiple_signatures = section.boolean("multiple_signatures", false)};
  const bool require_safe_keys = section.boolean("require_safe_keys", true);
  if (!wanted) {
    return nullptr;
  }
  const bool has_tables = !tables.key_table.empty() || !tables.signing_table.empty();
  KeyReader keys(section, require_safe_keys);
  std::unique_ptr<const Signers> signers;
  if (!has_tables) {
    signers = make_single_key_signers(section, single, keys);
  } else if (auto made = make_table_signers(section, tables, keys); !has_conflict(section)) {
    signers = std::move(made);
  }
  if (!has_tables && tables.multiple_signatures) {
    section.warning("multiple_signatures",
                    "multiple_signatures counts only with key_table and signing_table");
  }
  keys.warn_of_weak_keys();
  return signers;
}

}  // namespace milterd::dkim
