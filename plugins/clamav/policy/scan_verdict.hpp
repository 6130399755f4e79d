#pragma once
/// From what a scan found to what is done with the message.

#include "milterd/verdict.hpp"
#include "plugins/clamav/clamav_config.hpp"
#include "plugins/clamav/scanning/scan.hpp"

namespace milterd::clamav {

/// The reason is the signature or why it was not scanned; a hold reason says which of the two.
Verdict verdict_of(const ScanResult& result, const ClamavConfig& config);

}  // namespace milterd::clamav
