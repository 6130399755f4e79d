#pragma once
/// Sign, verify, or leave alone.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/session.hpp"
#include "milterd/transaction.hpp"
#include "plugins/common/host_list.hpp"

namespace milterd::dkim {

/// By what it is decided.
struct DecisionRules {
  bool sign = false;
  bool verify = false;
  std::vector<std::string> domains;  ///< To sign for; lower case.
  HostList internal_hosts;           ///< Whose mail is ours to sign.
};

struct Decision {
  enum class Mode : std::uint8_t { sign, verify, none };
  Mode mode = Mode::none;
  std::string domain;            ///< To sign for; one of the rules' domains.
  std::vector<std::string> why;  ///< Each step in words, in order.
};

/// "sign", "verify", "none".
const char* to_string(Decision::Mode mode);

/// Mail of an internal host or an authenticated user is signed if the one address of its one From
/// field is in one of our domains; all else is verified. Mail that came without a network address
/// is internal. `auth_user`: "" where nobody authenticated.
Decision decide(const DecisionRules& rules, const Session& client, std::string_view auth_user,
                std::span<const HeaderField> headers);

}  // namespace milterd::dkim
