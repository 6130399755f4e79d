#pragma once
/// From what a scan found to what is done with the message.

#include "milterd/verdict.hpp"
#include "plugins/clamav/policy/policy.hpp"
#include "plugins/clamav/scanning/scan_result.hpp"

namespace milterd::clamav {

/// The reason is the signature or why it was not scanned; a hold reason says which of the two.
Verdict verdict_of(const ScanResult& result, const Policy& policy);

}  // namespace milterd::clamav
