#include "plugins/clamav/policy/scan_verdict.hpp"

#include <optional>
#include <string>
#include <utility>

#include "plugins/clamav/policy/reject_message.hpp"

namespace milterd::clamav {
namespace {

using Status = ScanResult::Status;

struct Texts {
  std::string reject_enhanced;
  std::string tempfail_enhanced;
  std::string reply;
  std::string hold;
};

Texts texts_of(const ScanResult& result, const ClamavConfig& config) {
  if (result.status == Status::infected) {
    return {"5.7.1", "4.7.1", format_reject_message(config.reject_message, result.text),
            "infected: " + result.text};
  }
  if (result.scanner_failed()) {
    return {"5.3.0", "4.3.0", "Virus scanner not ready, try again later",
            "unscanned: " + result.text};
  }
  return {"5.7.1", "4.7.1", "Message could not be scanned: " + result.text,
          "unscanned: " + result.text};
}

}  // namespace

Verdict verdict_of(const ScanResult& result, const ClamavConfig& config) {
  if (result.status == Status::clean) {
    return {};
  }
  const Action action = result.status == Status::infected ? config.on_infected
                        : result.scanner_failed()         ? config.on_fail
                                                          : config.on_unscanned;
  Texts texts = texts_of(result, config);
  switch (action) {
    case Action::reject:
      return {action, Reply{550, std::move(texts.reject_enhanced), {std::move(texts.reply)}},
              result.text};
    case Action::tempfail:
      return {action, Reply{451, std::move(texts.tempfail_enhanced), {std::move(texts.reply)}},
              result.text};
    case Action::quarantine: return {action, std::nullopt, std::move(texts.hold)};
    case Action::proceed:
    case Action::accept:
    case Action::discard: break;
  }
  return {action, std::nullopt, result.text};
}

}  // namespace milterd::clamav
