#pragma once
/// The stage's table of the configuration file.

#include <memory>

#include "milterd/section.hpp"
#include "plugins/dkim/decision.hpp"
#include "plugins/dkim/keys/signers.hpp"
#include "plugins/dkim/signing/signing_rules.hpp"
#include "plugins/dkim/verifying/public_key_file.hpp"
#include "plugins/dkim/verifying/signature_policy.hpp"
#include "plugins/dkim/verifying/verifying_rules.hpp"

namespace milterd::dkim {

struct DkimConfig {
  DecisionRules decision;
  std::unique_ptr<const Signers> signers;  ///< Null: nobody signs.
  SigningRules signing;
  VerifyingRules verifying;
  std::unique_ptr<PublicKeyFile> test_public_keys;  ///< Null: keys come from DNS.
  Actions actions{};
};

/// Reads all keys. Faults go to section.error(); what is returned is then safe, but not meant to be
/// used.
DkimConfig read_config(Section& section);

}  // namespace milterd::dkim
