#include "plugins/clamav/scanning/found_names.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace milterd::clamav {
namespace {

constexpr std::string_view limit_prefix = "Heuristics.Limits.Exceeded.";
constexpr std::string_view encrypted_prefix = "Heuristics.Encrypted.";
constexpr std::string_view encrypted_document = "Heuristics.Encrypted.PDF";
// libclamav's name for what a callback refused: always for a reason that the callback noted.
constexpr std::string_view refused_by_callback = "Detected.By.Callback";

}  // namespace

FoundNames::Kind FoundNames::kind_of(std::string_view name) {
  if (name.starts_with(limit_prefix)) {
    return Kind::limit;
  }
  if (name.starts_with(encrypted_prefix)) {
    return Kind::encrypted;
  }
  constexpr std::array<std::string_view, 3> weak = {"PUA.", "Heuristics.", "BC.Heuristics."};
  return std::ranges::any_of(weak,
                             [&](std::string_view prefix) { return name.starts_with(prefix); })
             ? Kind::weak
             : Kind::strong;
}

bool FoundNames::counts(Kind kind, std::string_view name) const {
  switch (kind) {
    case Kind::limit: return settings_.alert_exceeds_max;
    case Kind::encrypted:
      return settings_.alert_encrypted ||
             (name == encrypted_document ? settings_.alert_encrypted_doc
                                         : settings_.alert_encrypted_archive);
    default: return true;
  }
}

// Names come in the order in which they were found, except that libclamav gives weak ones at the
// end of the scan, in an order of chance. Where heuristics have precedence, it treats none as weak.
bool FoundNames::is_better(Kind kind, std::string_view name) const {
  if (infected_.empty()) {
    return true;
  }
  return !settings_.heuristic_scan_precedence && infected_kind_ != Kind::strong &&
         std::tuple(kind, name) < std::tuple(infected_kind_, std::string_view(infected_));
}

void FoundNames::add(std::string_view name) {
  if (name.starts_with(refused_by_callback)) {
    return;
  }
  const Kind kind = kind_of(name);
  if (kind == Kind::limit && limit_.empty()) {
    limit_ = name.substr(limit_prefix.size());
  }
  encrypted_ = encrypted_ || kind == Kind::encrypted;
  if (counts(kind, name) && is_better(kind, name)) {
    infected_ = name;
    infected_kind_ = kind;
  }
}

}  // namespace milterd::clamav
