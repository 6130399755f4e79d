#include "plugins/clamav/exemptions/allow_list.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "plugins/common/text_file.hpp"

namespace milterd::clamav {
namespace {

constexpr std::size_t largest_file = 1024 * 1024;
/// Each is tried on each recipient of each message.
constexpr std::size_t most_patterns = 1000;

}  // namespace

AllowList AllowList::read(const std::string& path, Faults& faults) {
  const Result<std::string> text = read_text_file(path, largest_file);
  if (!text) {
    faults.push_back(text.error().message);
    return {};
  }
  return parse(*text, path, faults);
}

AllowList AllowList::parse(std::string_view text, const std::string& path, Faults& faults) {
  AllowList list;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (list.senders_.size() + list.recipients_.size() == most_patterns) {
      faults.push_back(path + ": more than " + std::to_string(most_patterns) + " patterns");
      break;
    }
    list.read_line(line, path + ":" + std::to_string(number), faults);
  }
  return list;
}

void AllowList::read_line(std::string_view line, const std::string& place, Faults& faults) {
  if (line.empty() || line.front() == '#' || line.front() == ':' || line.front() == '!') {
    return;
  }
  constexpr std::string_view from = "From:";
  constexpr std::string_view to = "To:";
  std::vector<PosixRegex>* patterns = &recipients_;
  if (line.starts_with(from)) {
    line.remove_prefix(from.size());
    patterns = &senders_;
  } else if (line.starts_with(to)) {
    line.remove_prefix(to.size());
  }
  if (line.empty()) {
    faults.push_back(place + ": an empty pattern would let everybody's mail pass unscanned");
    return;
  }
  if (auto regex = PosixRegex::compile(std::string(line), PosixRegex::Syntax::basic)) {
    patterns->push_back(std::move(*regex));
  } else {
    faults.push_back(place + ": '" + std::string(line) +
                     "' is no basic regular expression: " + regex.error().message);
  }
}

bool AllowList::any_fits(const std::vector<PosixRegex>& patterns, std::string_view address) {
  if (patterns.empty()) {
    return false;
  }
  const std::string bracketed = "<" + std::string(address) + ">";
  return std::ranges::any_of(patterns, [&](const PosixRegex& regex) {
    return regex.finds(bracketed) || regex.finds(address);
  });
}

std::string AllowList::reason_for(const Envelope& envelope) const {
  if (any_fits(senders_, envelope.sender.path)) {
    return "sender in allow_list";
  }
  const bool all_fit = !envelope.recipients.empty() &&
                       std::ranges::all_of(envelope.recipients, [&](const Address& recipient) {
                         return any_fits(recipients_, recipient.path);
                       });
  return all_fit ? "all recipients in allow_list" : "";
}

}  // namespace milterd::clamav
