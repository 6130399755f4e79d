#pragma once
/// One message being verified.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "milterd/resolver.hpp"
#include "milterd/transaction.hpp"
#include "milterd/verdict.hpp"
#include "plugins/dkim/author.hpp"
#include "plugins/dkim/report.hpp"
#include "plugins/dkim/signature_header.hpp"
#include "plugins/dkim/verifying/key_lookups.hpp"
#include "plugins/dkim/verifying/signature_policy.hpp"
#include "plugins/dkim/verifying/verifier.hpp"
#include "plugins/dkim/verifying/verifying_rules.hpp"

namespace milterd::dkim {

class MessageVerification {
 public:
  /// Finds the signatures and begins the look-ups of their keys. Never blocks.
  void start(const VerifyingRules& rules, Resolver& keys, const Transaction& transaction);
  /// Verifies and judges; reports for Authentication-Results, appends the signatures to `reported`
  /// and what else is worth knowing to `why`. Of several objections to the message the first that
  /// refuses it counts: on_malformed_from, the on_... of its signatures, require_aligned_pass.
  Verdict verify(const VerifyingRules& rules, const Actions& actions, const Verifier& verifier,
                 const Author& author, Transaction& transaction,
                 std::vector<ReportedSignature>& reported, std::vector<std::string>& why);
  void forget() noexcept;

 private:
  Result<std::vector<SignatureFacts>> find_facts(const Verifier& verifier,
                                                 const Transaction& transaction);
  std::vector<SignatureResult> judge_each(const VerifyingRules& rules,
                                          std::span<const SignatureFacts> facts,
                                          Transaction& transaction,
                                          std::vector<ReportedSignature>& reported) const;
  /// No signature at all, or those that were skipped.
  void report_what_is_left(const VerifyingRules& rules, Transaction& transaction,
                           std::vector<std::string>& why) const;
  Verdict judge_signatures(std::span<const SignatureResult> results, const Actions& actions) const;
  Verdict judge_alignment(const VerifyingRules& rules, const Author& author,
                          std::span<const SignatureResult> results,
                          std::vector<std::string>& why) const;

  Signatures signatures_;
  KeyLookups lookups_;
};

}  // namespace milterd::dkim
