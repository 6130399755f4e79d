#pragma once
/// Who signs with which key.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/section.hpp"
#include "plugins/common/mail_address.hpp"
#include "plugins/dkim/keys/signing_key.hpp"

namespace milterd::dkim {

/// With what one signature is made.
struct Signer {
  std::string domain;    ///< d=
  std::string selector;  ///< s=
  std::string identity;  ///< i=; "" leaves it out.
  std::shared_ptr<const SigningKey> key;
};

/// Every signature that a stage can make. Thread-safe.
class Signers {
 public:
  Signers() = default;
  virtual ~Signers() = default;
  Signers(const Signers&) = delete;
  Signers& operator=(const Signers&) = delete;

  /// The signatures that mail of `sender` gets, in their order; none where nobody signs for it.
  /// Says in `why` what was looked up and found, step by step.
  virtual std::vector<Signer> find(const MailAddress& sender,
                                   std::vector<std::string>& why) const = 0;
  /// Whether `sender` is one of those that are named as ours, not just one of everybody: mail from
  /// outside in its name is worth a line in the log.
  virtual bool names(const MailAddress& sender) const = 0;
  /// One of each key with a domain and selector that are known before there is mail, for checks of
  /// DNS. `place` is where it is configured, for texts.
  struct Known {
    Signer signer;
    std::string place;
  };
  virtual std::vector<Known> known() const = 0;
};

/// domain with selector and key_file (and sub_domains), or key_table with signing_table (and
/// multiple_signatures), and require_safe_keys. All keys are read, checked and tried here. Faults
/// go to section.error(), each with file and line. Null where `wanted` is false, where nothing is
/// configured, or after a fault.
std::unique_ptr<const Signers> read_signers(Section& section, bool wanted);

}  // namespace milterd::dkim
