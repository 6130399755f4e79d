#pragma once
/// The file of keys that DNSSEC is validated with.

#include <string>

#include "milterd/result.hpp"

namespace milterd {

/// What libunbound would only say by failing to start. Error: the file cannot be read, is over 1
/// MiB, or has no line with a DS or DNSKEY record.
Result<> check_trust_anchor_file(const std::string& path);

}  // namespace milterd
