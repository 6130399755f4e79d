#include "plugins/clamav/report/message_facts.hpp"

#include <cstddef>
#include <string_view>

#include "milterd/ascii.hpp"

namespace milterd::clamav {
namespace {

constexpr std::size_t longest_text = 1000;
/// A message for more has more than one problem.
constexpr std::size_t most_recipients = 100;

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, longest_text)) {
    if (c == '\r' || c == '\n') {
      continue;  // Of a fold; the white space behind it stays.
    }
    const bool is_control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    line += c == '\t' ? ' ' : is_control ? '?' : c;
  }
  return line;
}

std::string value_of(const Transaction& transaction, std::string_view name) {
  for (const HeaderField& field : transaction.headers()) {
    if (equal_ignoring_case(field.name(), name)) {
      std::string_view value = field.value();
      while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) {
        value.remove_prefix(1);
      }
      return one_line(value);
    }
  }
  return {};
}

}  // namespace

MessageFacts facts_of(const Transaction& transaction) {
  MessageFacts facts{.queue_id = one_line(transaction.queue_id()),
                     .sender = one_line(transaction.envelope().sender.path),
                     .recipients = {},
                     .subject = value_of(transaction, "Subject"),
                     .message_id = value_of(transaction, "Message-ID"),
                     .date = value_of(transaction, "Date")};
  for (const Address& recipient : transaction.envelope().recipients) {
    if (facts.recipients.size() == most_recipients) {
      break;
    }
    facts.recipients.push_back(one_line(recipient.path));
  }
  return facts;
}

}  // namespace milterd::clamav
