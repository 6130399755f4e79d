#pragma once
/// By what it is decided whether mail is signed, verified or left alone.

#include <string>
#include <utility>
#include <vector>

#include "milterd/section.hpp"
#include "plugins/common/host_list.hpp"
#include "plugins/common/name_set.hpp"

namespace milterd::dkim {

/// The names are opendkim's.
struct DecisionRules {
  bool sign = false;
  bool verify = false;
  HostList internal_hosts;        ///< Whose mail is ours to sign.
  HostList external_ignore_list;  ///< Who may send in our name from outside without a log line.
  HostList peer_list;             ///< Whose mail is left alone.
  NameSet mta;                    ///< Of {daemon_name}: what comes that way is ours to sign.
  /// Macros (with braces where longer than a letter) and values that make mail ours to sign; no
  /// values: any.
  std::vector<std::pair<std::string, std::vector<std::string>>> macro_list;
  NameSet exempt_domains;                   ///< Of senders whose mail is left alone.
  NameSet dont_sign_mail_to;                ///< Recipients.
  std::vector<std::string> sender_headers;  ///< The first that is there has the sender; then From.
};

/// Reads mode, internal_hosts, external_ignore_list, peer_list, mta, macro_list, exempt_domains,
/// dont_sign_mail_to and sender_headers.
DecisionRules read_decision_rules(Section& section);

/// What the MTA has to send for these rules, each once.
std::vector<std::string> macros_of(const DecisionRules& rules);

}  // namespace milterd::dkim
