#include "plugins/header_checks/header_checks_session.hpp"

#include <string>
#include <utility>

#include "plugins/header_checks/envelope_edit.hpp"

namespace milterd::header_checks {

HeaderChecksSession::Message& HeaderChecksSession::message(const Transaction& transaction) {
  return message_ ? *message_ : message_.emplace(checks_, last_recipient(transaction));
}

void HeaderChecksSession::on_header_complete(const Transaction& transaction) {
  message(transaction).parts.look_at_header(transaction);
}

Result<Verdict> HeaderChecksSession::on_message(Transaction& transaction) {
  Message& message = this->message(transaction);
  message.acting = true;
  Result<Verdict> verdict = message.parts.judge(transaction);
  message.acting = false;
  write_log(transaction, message.recipient, message.records, message.logged);
  if (const std::string& rule = message.parts.inspection().deciding_rule(); !rule.empty()) {
    transaction.note("header_checks", rule);
  }
  return verdict;
}

Result<Verdict> HeaderChecksSession::on_header_edit(Transaction& transaction, HeaderEdit& edit) {
  Message& message = this->message(transaction);
  if (message.acting || message.parts.inspection().is_over()) {
    return Verdict{};
  }
  Result<Verdict> verdict = message.edits.check(transaction, edit);
  write_log(transaction, message.recipient, message.records, message.logged);
  return verdict;
}

Result<Verdict> HeaderChecksSession::on_end(Transaction& transaction) {
  const Message& message = this->message(transaction);
  const std::string& redirect = message.parts.inspection().redirect();
  const Result<> redirected = redirect.empty() ? message.edits.keep_redirected(transaction)
                                               : redirect_to(transaction, redirect);
  return redirected ? Result<Verdict>() : std::unexpected(redirected.error());
}

Value HeaderChecksSession::describe() const {
  Value::List matches;
  if (message_) {
    for (const RuleMatch& match : message_->records.matches()) {
      matches.emplace_back(Value::Members{{"table", match.table},
                                          {"line", match.line},
                                          {"action", word_of(match.kind)},
                                          {"header", match.subject},
                                          {"text", match.text}});
    }
  }
  return Value::Members{{"matches", std::move(matches)}};
}

}  // namespace milterd::header_checks
