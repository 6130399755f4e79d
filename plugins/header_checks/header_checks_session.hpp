#pragma once
/// Checks the messages of one SMTP connection.

#include <optional>
#include <string>
#include <utility>

#include "milterd/stage.hpp"
#include "plugins/header_checks/check_log.hpp"
#include "plugins/header_checks/checks.hpp"
#include "plugins/header_checks/edit_checks.hpp"
#include "plugins/header_checks/message_checks.hpp"
#include "plugins/header_checks/rule_records.hpp"

namespace milterd::header_checks {

class HeaderChecksSession final : public StageSession {
 public:
  /// `checks` belong to the stage, which outlives its sessions.
  explicit HeaderChecksSession(const Checks& checks) : checks_(checks) {}

  void on_header_complete(const Transaction& transaction) override;
  Result<Verdict> on_message(Transaction& transaction) override;
  Result<Verdict> on_header_edit(Transaction& transaction, HeaderEdit& edit) override;
  Result<Verdict> on_end(Transaction& transaction) override;
  Value describe() const override;
  void on_transaction_end() noexcept override { message_.reset(); }

 private:
  struct Message {
    Message(const Checks& checks, std::string last_recipient)
        : recipient(std::move(last_recipient)), parts(checks, records), edits(checks, records) {}
    std::string recipient;  ///< For the log: before rules changed the envelope.
    RuleRecords records;
    LoggedSoFar logged;
    MessageChecks parts;
    EditChecks edits;
    bool acting = false;  ///< The edits of this moment are our own, which no table looks at.
  };
  Message& message(const Transaction& transaction);

  const Checks& checks_;
  std::optional<Message> message_;
};

}  // namespace milterd::header_checks
