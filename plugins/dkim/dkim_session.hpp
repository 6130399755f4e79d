#pragma once
/// The dkim stage at work on one SMTP connection.

#include <vector>

#include "milterd/stage.hpp"
#include "plugins/dkim/author.hpp"
#include "plugins/dkim/decision.hpp"
#include "plugins/dkim/report.hpp"
#include "plugins/dkim/signing/message_signing.hpp"
#include "plugins/dkim/verifying/message_verification.hpp"

namespace milterd::dkim {

class DkimStage;

class DkimSession final : public StageSession {
 public:
  /// `stage` outlives the session.
  explicit DkimSession(const DkimStage& stage) : stage_(stage) {}

  void on_header_complete(const Transaction& transaction) override;
  Result<Verdict> on_message(Transaction& transaction) override;
  Result<Verdict> on_end(Transaction& transaction) override;
  Value describe() const override { return to_value(decision_, reported_); }
  void on_transaction_end() noexcept override { forget(); }

 private:
  void forget() noexcept;
  /// Decides, and begins the look-ups if the message is to be verified.
  void prepare(const Transaction& transaction);
  Verdict sign(Transaction& transaction);
  Verdict verify(Transaction& transaction);

  const DkimStage& stage_;
  bool prepared_ = false;
  Author author_;
  Decision decision_;
  MessageSigning signing_;
  MessageVerification verification_;
  std::vector<ReportedSignature> reported_;
};

}  // namespace milterd::dkim
