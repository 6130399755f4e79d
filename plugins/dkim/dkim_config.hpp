#pragma once
/// The stage's table of the configuration file.

#include <memory>
#include <optional>
#include <string>

#include "milterd/section.hpp"
#include "plugins/dkim/decision.hpp"
#include "plugins/dkim/public_key_file.hpp"
#include "plugins/dkim/signature_policy.hpp"
#include "plugins/dkim/signer.hpp"
#include "plugins/dkim/signing_key.hpp"

namespace milterd::dkim {

struct DkimConfig {
  DecisionRules rules;
  std::string selector;
  std::optional<SigningKey> key;  ///< Always there if rules.sign.
  Canonicalization canonicalization;
  std::unique_ptr<PublicKeyFile> test_public_keys;  ///< Null: keys come from DNS.
  Actions actions{};
};

/// Reads all keys. Faults go to section.error(); what is returned is then safe, but not meant to be
/// used. A key is tried by signing and verifying a message with it.
DkimConfig read_config(Section& section);

}  // namespace milterd::dkim
