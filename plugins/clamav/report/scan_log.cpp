#include "plugins/clamav/report/scan_log.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace milterd::clamav {
namespace {

LogDetail read_detail(Section& section, std::string_view key) {
  return std::array{LogDetail::off, LogDetail::basic, LogDetail::full}.at(
      section.choice(key, 0, {"off", "basic", "full"}));
}

/// As clamav-milter writes it between quotes: those of the sender's own would end it too early.
std::string quotable(std::string text) {
  std::ranges::replace(text, '\'', ' ');
  return text.empty() ? "UNKNOWN" : text;
}

std::string line(LogDetail detail, const ScanResult& result, const MessageFacts& facts,
                 const std::string& recipient) {
  const bool infected = result.status == ScanResult::Status::infected;
  std::string text = infected ? "Message" : "Clean message";
  if (detail == LogDetail::full) {
    text += " " + quotable(facts.queue_id);
  }
  text += " from <" + facts.sender + "> to <" + recipient + ">";
  if (detail == LogDetail::full) {
    text += " with subject '" + quotable(facts.subject) + "' message-id '" +
            quotable(facts.message_id) + "' date '" + quotable(facts.date) + "'";
  }
  return infected ? text + " infected by " + result.text : text;
}

}  // namespace

ScanLogSettings read_scan_log(Section& section) {
  ScanLogSettings settings;
  settings.infected = read_detail(section, "log_infected");
  settings.clean = read_detail(section, "log_clean");
  settings.each_recipient = section.boolean("support_multiple_recipients", true);
  return settings;
}

std::vector<std::string> scan_log_lines(const ScanLogSettings& settings, const ScanResult& result,
                                        const MessageFacts& facts) {
  const LogDetail detail = result.status == ScanResult::Status::infected ? settings.infected
                           : result.status == ScanResult::Status::clean  ? settings.clean
                                                                         : LogDetail::off;
  std::vector<std::string> lines;
  if (detail == LogDetail::off) {
    return lines;
  }
  if (!settings.each_recipient || facts.recipients.empty()) {
    const std::string last = facts.recipients.empty() ? "" : facts.recipients.back();
    lines.push_back(line(detail, result, facts, last));
    return lines;
  }
  for (const std::string& recipient : facts.recipients) {
    lines.push_back(line(detail, result, facts, recipient));
  }
  return lines;
}

}  // namespace milterd::clamav
