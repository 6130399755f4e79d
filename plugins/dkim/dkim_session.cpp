#include "plugins/dkim/dkim_session.hpp"

#include <utility>

#include "plugins/dkim/dkim_stage.hpp"
#include "plugins/dkim/signing/software_header.hpp"

namespace milterd::dkim {

void DkimSession::forget() noexcept {
  prepared_ = false;
  author_ = {};
  decision_ = {};
  signing_.forget();
  verification_.forget();
  reported_.clear();
}

void DkimSession::prepare(const Transaction& transaction) {
  forget();
  const DkimConfig& config = stage_.config();
  author_ = read_author(transaction.headers());
  decision_ = decide(config.decision, config.signers.get(), author_, transaction);
  if (decision_.mode == Decision::Mode::verify) {
    verification_.start(config.verifying, stage_.keys(), transaction);
  }
  prepared_ = true;
}

void DkimSession::on_header_complete(const Transaction& transaction) { prepare(transaction); }

Verdict DkimSession::sign(Transaction& transaction) {
  const DkimConfig& config = stage_.config();
  return signing_.sign(config.signing, config.actions, decision_.signers, transaction, reported_,
                       decision_.why);
}

Verdict DkimSession::verify(Transaction& transaction) {
  const DkimConfig& config = stage_.config();
  Verdict verdict = verification_.verify(config.verifying, config.actions, stage_.verifier(),
                                         author_, transaction, reported_, decision_.why);
  if (config.signing.software_header) {
    add_software_header(transaction);
  }
  return verdict;
}

Result<Verdict> DkimSession::on_message(Transaction& transaction) {
  // Stages before this one may have edited the header since.
  if (!prepared_ || !transaction.modifications().empty()) {
    prepare(transaction);
  }
  warn_of_claimed_domain(decision_, transaction);
  const DkimConfig& config = stage_.config();
  switch (decision_.mode) {
    case Decision::Mode::sign:
      if (config.signing.at_end) {
        return Verdict{};
      }
      return sign(transaction);
    case Decision::Mode::verify: return verify(transaction);
    case Decision::Mode::none: break;
  }
  if (decision_.forgeries_must_go) {
    // Without a method nothing is written of it.
    AuthResult nothing;
    nothing.only_beside_others = true;
    transaction.report(std::move(nothing));
  }
  return Verdict{};
}

Result<Verdict> DkimSession::on_end(Transaction& transaction) {
  if (decision_.mode != Decision::Mode::sign) {
    return Verdict{};
  }
  if (stage_.config().signing.at_end) {
    return sign(transaction);
  }
  signing_.warn_of_broken(transaction);
  return Verdict{};
}

}  // namespace milterd::dkim
