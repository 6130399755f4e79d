#include "plugins/clamav/exemptions/exemptions.hpp"

#include <string_view>

#include "milterd/ascii.hpp"
#include "plugins/common/host_list_setting.hpp"

namespace milterd::clamav {

Exemptions Exemptions::read(Section& section) {
  Exemptions exemptions;
  exemptions.networks_ = read_host_list(section, "local_net", {});
  for (const std::string& entry : section.strings("local_net", {})) {
    exemptions.local_ = exemptions.local_ || entry == "local";
  }
  exemptions.users_ = AuthenticatedUsers::read(section, "skip_authenticated");
  if (const std::string path = section.string("allow_list", ""); !path.empty()) {
    AllowList::Faults faults;
    exemptions.allow_list_ = AllowList::read(path, faults);
    for (const std::string& fault : faults) {
      section.error("allow_list", fault);
    }
  }
  return exemptions;
}

bool Exemptions::is_local(const Session& session) const {
  // What Postfix's pickup and sendmail hand over comes from nowhere, or from "localhost".
  return local_ &&
         (session.client_address.empty() || equal_ignoring_case(session.client_name, "localhost"));
}

std::optional<std::string> Exemptions::reason_for(const Transaction& transaction) const {
  const Session& session = transaction.session();
  if (is_local(session) || networks_.match(session.client_name, session.client_address).listed) {
    return "client in local_net";
  }
  if (asks_for_login() && users_.contains(transaction.macro("{auth_authen}"))) {
    return "user in skip_authenticated";
  }
  if (std::string reason = allow_list_.reason_for(transaction.envelope()); !reason.empty()) {
    return reason;
  }
  return std::nullopt;
}

}  // namespace milterd::clamav
