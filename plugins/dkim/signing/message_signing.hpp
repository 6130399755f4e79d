#pragma once
/// One message being signed.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "milterd/transaction.hpp"
#include "milterd/verdict.hpp"
#include "plugins/dkim/keys/signers.hpp"
#include "plugins/dkim/report.hpp"
#include "plugins/dkim/signing/broken_signatures.hpp"
#include "plugins/dkim/signing/signing_rules.hpp"
#include "plugins/dkim/verifying/signature_policy.hpp"

namespace milterd::dkim {

class MessageSigning {
 public:
  /// Signs for each of `signers`, puts the signatures on top of the message and appends what was
  /// made to `reported`, and what went wrong to `why` and the log. As in opendkim each signature
  /// goes above the one before it, so the last signer's stands on top; `reported` is in the order
  /// of the message. A signature that cannot be made does not stop the others; only if none can be
  /// made, on_signature_error counts.
  Verdict sign(const SigningRules& rules, const Actions& actions, std::span<const Signer> signers,
               Transaction& transaction, std::vector<ReportedSignature>& reported,
               std::vector<std::string>& why);
  /// After all stages: warns in the log of each edit since sign() that breaks a signature, with the
  /// stage and the header.
  void warn_of_broken(Transaction& transaction) const;
  void forget() noexcept;

 private:
  std::vector<MadeSignature> made_;
  std::size_t edits_before_ = 0;  ///< Edits that were in the ledger when sign() was done.
};

}  // namespace milterd::dkim
