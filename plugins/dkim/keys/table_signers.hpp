#pragma once
/// Signers of a KeyTable and a SigningTable.

#include <memory>
#include <string>

#include "milterd/section.hpp"
#include "plugins/dkim/keys/key_reader.hpp"
#include "plugins/dkim/keys/signers.hpp"

namespace milterd::dkim {

/// As configured.
struct TableSettings {
  std::string key_table;
  std::string signing_table;
  bool multiple_signatures = false;
};

/// Checks every row of both tables, and whether they fit each other. Null after a fault, which went
/// to section.error().
std::unique_ptr<const Signers> make_table_signers(Section& section, const TableSettings& settings,
                                                  KeyReader& keys);

}  // namespace milterd::dkim
