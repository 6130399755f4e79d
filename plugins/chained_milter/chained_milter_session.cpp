#include "plugins/chained_milter/chained_milter_session.hpp"

#include <string>
#include <utility>

namespace milterd::chained_milter {

ChainedMilterSession::ChainedMilterSession(const std::vector<ChildSettings>& children,
                                           Logger& log) {
  for (const ChildSettings& child : children) {
    children_.emplace_back(child, log);
  }
}

/// An event of the envelope. A message that is to be held is held at its end, when there is one.
template <class Call>
Verdict ChainedMilterSession::each(Call&& call) {
  for (Child& child : children_) {
    if (Verdict verdict = call(child); ends_the_run(verdict.action)) {
      return verdict;
    }
  }
  return {};
}

Result<Verdict> ChainedMilterSession::on_connect(const Session& session) {
  return each([&](Child& child) { return child.connect(session); });
}

Result<Verdict> ChainedMilterSession::on_helo(const Session& session) {
  return each([&](Child& child) { return child.helo(session); });
}

Result<Verdict> ChainedMilterSession::on_mail(Transaction& transaction) {
  return each([&](Child& child) { return child.mail(transaction); });
}

Result<Verdict> ChainedMilterSession::on_rcpt(Transaction& transaction, const Address& recipient) {
  return each([&](Child& child) { return child.rcpt(transaction, recipient); });
}

Result<Verdict> ChainedMilterSession::on_data(Transaction& transaction) {
  return each([&](Child& child) { return child.data(transaction); });
}

Result<Verdict> ChainedMilterSession::on_message(Transaction& transaction) {
  Verdict whole;
  for (Child& child : children_) {
    auto verdict = child.message(transaction);
    if (!verdict) {
      return verdict;
    }
    if (ends_the_run(verdict->action)) {
      whole = *std::move(verdict);
      break;
    }
    if (verdict->action == Action::quarantine && whole.action == Action::proceed) {
      whole = *std::move(verdict);
    }
  }
  std::string results;
  for (const Child& child : children_) {
    results.append(results.empty() ? "" : ",").append(child.endpoint() + "=" + child.result());
  }
  transaction.note("milters", results);
  return whole;
}

Value ChainedMilterSession::describe() const {
  Value::List all;
  for (const Child& child : children_) {
    all.emplace_back(
        Value::Members{{"endpoint", child.endpoint()},
                       {"result", child.result()},
                       {"error", child.error().empty() ? Value() : Value(child.error())}});
  }
  return all.size() == 1 ? std::move(all.front()) : Value(std::move(all));
}

void ChainedMilterSession::on_transaction_end() noexcept {
  for (Child& child : children_) {
    child.transaction_end();
  }
}

}  // namespace milterd::chained_milter
