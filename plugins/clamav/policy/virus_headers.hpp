#pragma once
/// X-Virus-Scanned and X-Virus-Status, as clamav-milter writes them.

#include <string>
#include <string_view>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"
#include "plugins/clamav/clamav_config.hpp"
#include "plugins/clamav/scanning/scan.hpp"

namespace milterd::clamav {

/// "Clean", "Infected (NAME)" or "Unscanned (REASON)".
std::string virus_status(const ScanResult& result);

/// replace: takes out every such field that came with the message and appends the two. add: puts
/// them above the message's other fields. no: does nothing. Error: what the transaction refused.
Result<> write_virus_headers(Transaction& transaction, AddHeader how, std::string_view scanned_by,
                             const ScanResult& result);

}  // namespace milterd::clamav
