#include "plugins/header_checks/fault_list.hpp"

#include <algorithm>
#include <utility>

namespace milterd::header_checks {
namespace {

constexpr std::size_t most_faults = 10'000;
constexpr std::size_t most_shown = 40;

}  // namespace

void FaultList::add(std::size_t line, std::string text) {
  if (faults_.size() < most_faults) {
    // Nearly always at the end: only an "if" that nothing ends is found out late.
    faults_.insert(std::ranges::upper_bound(faults_, line, {}, &TableFault::line),
                   {line, std::move(text)});
  } else {
    ++left_out_;
  }
}

void FaultList::finish() {
  if (left_out_ > 0) {
    faults_.push_back({0, "there are " + std::to_string(left_out_) + " more faults"});
  }
}

std::string shown(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text.substr(0, most_shown)) {
    quoted += static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? '?' : c;
  }
  return quoted + (text.size() > most_shown ? "...\"" : "\"");
}

}  // namespace milterd::header_checks
