#pragma once
/// Whose mail is not scanned.

#include <optional>
#include <string>

#include "milterd/section.hpp"
#include "milterd/transaction.hpp"
#include "plugins/clamav/exemptions/allow_list.hpp"
#include "plugins/clamav/exemptions/authenticated_users.hpp"
#include "plugins/common/host_list.hpp"

namespace milterd::clamav {

/// Thread-safe.
class Exemptions {
 public:
  /// local_net, skip_authenticated, allow_list. Faults go to the section, with file and line where
  /// they stand in a file.
  static Exemptions read(Section& section);

  /// Why this message is not scanned, in a few words; empty where it is.
  std::optional<std::string> reason_for(const Transaction& transaction) const;
  bool asks_for_login() const { return !users_.empty(); }

 private:
  bool is_local(const Session& session) const;

  HostList networks_;
  bool local_ = false;  ///< "local" is in local_net: mail that came without SMTP.
  AuthenticatedUsers users_;
  AllowList allow_list_;
};

}  // namespace milterd::clamav
