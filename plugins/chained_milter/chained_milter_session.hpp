#pragma once
/// The filters of one stage in one SMTP session, one after the other.

#include <deque>
#include <vector>

#include "milterd/stage.hpp"
#include "plugins/chained_milter/child.hpp"

namespace milterd::chained_milter {

/// The first refusal ends the run; a filter that accepts is left alone, the others go on; so they
/// do after a quarantine.
class ChainedMilterSession final : public StageSession {
 public:
  /// `children` and `log` belong to the stage, which outlives its sessions.
  ChainedMilterSession(const std::vector<ChildSettings>& children, Logger& log);

  Result<Verdict> on_connect(const Session& session) override;
  Result<Verdict> on_helo(const Session& session) override;
  Result<Verdict> on_mail(Transaction& transaction) override;
  Result<Verdict> on_rcpt(Transaction& transaction, const Address& recipient) override;
  Result<Verdict> on_data(Transaction& transaction) override;
  Result<Verdict> on_message(Transaction& transaction) override;
  Value describe() const override;
  void on_transaction_end() noexcept override;

 private:
  template <class Call>
  Verdict each(Call&& call);

  std::deque<Child> children_;  ///< They never move.
};

}  // namespace milterd::chained_milter
