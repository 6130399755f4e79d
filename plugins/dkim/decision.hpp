#pragma once
/// Sign, verify, or leave alone.

#include <cstdint>
#include <string>
#include <vector>

#include "milterd/transaction.hpp"
#include "plugins/dkim/author.hpp"
#include "plugins/dkim/decision_rules.hpp"
#include "plugins/dkim/keys/signers.hpp"

namespace milterd::dkim {

struct Decision {
  enum class Mode : std::uint8_t { sign, verify, none };
  Mode mode = Mode::none;
  std::vector<Signer> signers;   ///< If sign; not empty then.
  std::vector<std::string> why;  ///< Each step in words, in order.
  /// Mail from outside that is left alone because of the sender that it names: it is not to bring
  /// along results in our name.
  bool forgeries_must_go = false;
  /// The domain of a sender that we sign for, where the mail came from outside and
  /// external_ignore_list does not have the client; else "".
  std::string claimed_domain;
};

/// "sign", "verify", "none".
const char* to_string(Decision::Mode mode);

/// Mail that is ours to sign (of internal hosts, authenticated users, certain daemons or macros)
/// is signed if `signers` has somebody for its sender; all else is verified. Mail that came without
/// a network address is internal. Mail with a malformed From is not signed. `signers` may be null.
Decision decide(const DecisionRules& rules, const Signers* signers, const Author& author,
                const Transaction& transaction);

/// Warns in the log where the decision has a claimed_domain.
void warn_of_claimed_domain(const Decision& decision, Transaction& transaction);

}  // namespace milterd::dkim
