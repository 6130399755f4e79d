#include "plugins/header_checks/check_log.hpp"

#include <string>
#include <vector>

namespace milterd::header_checks {
namespace {

using Kind = RuleAction::Kind;

std::string client_of(const Session& session) {
  const bool named = !session.client_name.empty() && session.client_name.front() != '[';
  return (named ? session.client_name : "unknown") + "[" + session.client_address + "]";
}

/// Postfix does not log these either.
bool is_silent(Kind kind) {
  return kind == Kind::ignore || kind == Kind::dunno || kind == Kind::none;
}

void write_match(Transaction& transaction, std::string_view recipient, const RuleMatch& match) {
  const Session& session = transaction.session();
  const std::string event =
      std::string(match.check == Check::milter_header ? "milter-header-" : "") +
      to_string(match.kind);
  // Owned texts first: the fields are views.
  const std::string client = client_of(session);
  const std::string from = "<" + transaction.envelope().sender.path + ">";
  const std::string to = recipient.empty() ? "" : "<" + std::string(recipient) + ">";
  const std::string place = match.place();
  const std::string helo = "<" + session.helo + ">";
  std::vector<LogField> fields = {{match.check == Check::body ? "body" : "header", match.subject},
                                  {"client", client},
                                  {"from", from}};
  if (!to.empty()) {
    fields.push_back({"to", to});
  }
  fields.push_back({"helo", helo});
  if (!match.text.empty()) {
    fields.push_back({"reason", match.text});
  }
  if (!place.empty()) {
    fields.push_back({"rule", place});
  }
  transaction.log().write(LogLevel::info, event, fields);
}

}  // namespace

void write_log(Transaction& transaction, std::string_view recipient, const RuleRecords& records,
               LoggedSoFar& logged) {
  for (; logged.faults < records.faults().size(); ++logged.faults) {
    const RuleFault& fault = records.faults()[logged.faults];
    transaction.log().warn("rule.fault",
                           {{"rule", place_of(*fault.table, fault.line)}, {"reason", fault.text}});
  }
  const bool wanted = transaction.log().enabled(LogLevel::info);
  for (; logged.matches < records.matches().size(); ++logged.matches) {
    const RuleMatch& match = records.matches()[logged.matches];
    if (wanted && !is_silent(match.kind)) {
      write_match(transaction, recipient, match);
    }
  }
  if (records.left_out() > 0 && !logged.left_out) {
    logged.left_out = true;
    transaction.log().warn("rules.left_out",
                           {{"count", std::to_string(records.left_out())},
                            {"reason", "more rules acted on this message than are logged"}});
  }
}

std::string last_recipient(const Transaction& transaction) {
  const std::vector<Address>& recipients = transaction.envelope().recipients;
  return recipients.empty() ? "" : recipients.back().path;
}

}  // namespace milterd::header_checks
