#pragma once
/// X-Virus-Scanned and X-Virus-Status, as clamav-milter writes them.

#include <cstdint>
#include <string>
#include <string_view>

#include "milterd/result.hpp"
#include "milterd/section.hpp"
#include "milterd/transaction.hpp"
#include "plugins/clamav/scanning/scan_result.hpp"

namespace milterd::clamav {

enum class AddHeader : std::uint8_t { replace, add, no };

/// add_header; a fault goes to the section.
AddHeader read_add_header(Section& section);
/// report_hostname: the name in X-Virus-Scanned, "" for the host's own. A fault goes to the
/// section.
std::string read_report_hostname(Section& section);

/// "Clean", "Infected (NAME)" or "Unscanned (REASON)".
std::string virus_status(const ScanResult& result);

/// replace: takes out every such field that came with the message and appends the two. add: puts
/// them above the message's other fields. no: does nothing. Error: what the transaction refused.
Result<> write_virus_headers(Transaction& transaction, AddHeader how, std::string_view scanned_by,
                             const ScanResult& result);

/// For a message that was not scanned: replace takes out every such field that came with it, so
/// that nobody's word for it stands there; add and no do nothing. Error: what the transaction
/// refused.
Result<> remove_virus_headers(Transaction& transaction, AddHeader how);

}  // namespace milterd::clamav
