#pragma once
/// The log lines of clamav-milter, word for word, for the programs that analyse them.

#include <cstdint>
#include <string>
#include <vector>

#include "milterd/section.hpp"
#include "plugins/clamav/report/message_facts.hpp"
#include "plugins/clamav/scanning/scan_result.hpp"

namespace milterd::clamav {

enum class LogDetail : std::uint8_t { off, basic, full };

/// log_infected, log_clean and support_multiple_recipients.
struct ScanLogSettings {
  LogDetail infected = LogDetail::off;
  LogDetail clean = LogDetail::off;
  bool each_recipient = true;  ///< Else one line, with the last recipient.
};

ScanLogSettings read_scan_log(Section& section);

/// The lines for this result; none where the settings say so, or where it is unscanned.
std::vector<std::string> scan_log_lines(const ScanLogSettings& settings, const ScanResult& result,
                                        const MessageFacts& facts);

}  // namespace milterd::clamav
