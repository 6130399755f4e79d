#include "plugins/dkim/decision.hpp"

#include <algorithm>
#include <cstddef>

#include "milterd/ascii.hpp"
#include "plugins/common/mail_address.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

namespace {

bool is_internal(const DecisionRules& rules, const Session& client, std::vector<std::string>& why) {
  if (client.client_address.empty()) {
    why.emplace_back("the message was submitted locally");
    return true;
  }
  std::string text = "client " + client.client_address;
  if (!client.client_name.empty() && !client.client_name.starts_with('[')) {
    text += " (" + client.client_name + ')';
  }
  const HostList::Match match =
      rules.internal_hosts.match(client.client_name, client.client_address);
  text += match.listed ? " is in internal_hosts" : " is not in internal_hosts";
  if (!match.entry.empty()) {
    text += " because of " + std::string(match.entry);
  }
  why.push_back(std::move(text));
  return match.listed;
}

/// The domain of the one address of the one From field; "" where there is no such thing.
std::string author_domain(std::span<const HeaderField> headers, std::vector<std::string>& why) {
  const auto is_from = [](const HeaderField& field) {
    return equal_ignoring_case(trimmed_name(field), "From");
  };
  const auto count = std::ranges::count_if(headers, is_from);
  if (count != 1) {
    why.push_back(count == 0 ? "there is no From field"
                             : "there are " + std::to_string(count) + " From fields");
    return {};
  }
  const auto addresses = parse_address_list(std::ranges::find_if(headers, is_from)->value());
  if (!addresses) {
    why.push_back("From cannot be read: " + addresses.error().message);
    return {};
  }
  if (addresses->size() != 1) {
    why.push_back("From has " + std::to_string(addresses->size()) + " addresses");
    return {};
  }
  return addresses->front().domain;
}

/// The domain to sign for, or "".
std::string signing_domain(const DecisionRules& rules, const Session& client,
                           std::string_view auth_user, std::span<const HeaderField> headers,
                           std::vector<std::string>& why) {
  if (!rules.sign) {
    why.emplace_back("mode has no sign");
    return {};
  }
  if (!is_internal(rules, client, why)) {
    if (auth_user.empty()) {
      why.emplace_back("the client is not authenticated");
      return {};
    }
    why.push_back("the client is authenticated as " + std::string(auth_user));
  }
  std::string domain = author_domain(headers, why);
  if (domain.empty()) {
    return {};
  }
  const bool ours = std::ranges::find(rules.domains, domain) != rules.domains.end();
  why.push_back("the domain of From, " + domain + (ours ? ", is" : ", is not") + " one of domain");
  return ours ? domain : std::string{};
}

}  // namespace

const char* to_string(Decision::Mode mode) {
  switch (mode) {
    case Decision::Mode::sign: return "sign";
    case Decision::Mode::verify: return "verify";
    case Decision::Mode::none: return "none";
  }
  return "?";
}

Decision decide(const DecisionRules& rules, const Session& client, std::string_view auth_user,
                std::span<const HeaderField> headers) {
  Decision decision;
  decision.domain = signing_domain(rules, client, auth_user, headers, decision.why);
  if (!decision.domain.empty()) {
    decision.mode = Decision::Mode::sign;
    decision.why.push_back("signing for " + decision.domain);
  } else if (rules.verify) {
    decision.mode = Decision::Mode::verify;
    decision.why.emplace_back("verifying");
  } else {
    decision.why.emplace_back("nothing to do: mode has no verify");
  }
  return decision;
}

}  // namespace milterd::dkim
