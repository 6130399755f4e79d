#include "plugins/dkim/decision.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

namespace {

using Why = std::vector<std::string>;

bool has_name(const Session& client) {
  return !client.client_name.empty() && !client.client_name.starts_with('[');
}

std::string describe(const Session& client) {
  if (client.client_address.empty()) {
    return has_name(client) ? "client " + client.client_name : "the client";
  }
  return "client " + client.client_address +
         (has_name(client) ? " (" + client.client_name + ")" : "");
}

std::string because_of(const HostList::Match& match) {
  return match.entry.empty() ? "" : " because of " + std::string(match.entry);
}

bool is_peer(const DecisionRules& rules, const Session& client, Why& why) {
  if (rules.peer_list.empty()) {
    return false;
  }
  const auto match = rules.peer_list.match(client.client_name, client.client_address);
  if (match.listed) {
    why.push_back(describe(client) + " is in peer_list" + because_of(match));
  }
  return match.listed;
}

bool came_through_our_mta(const DecisionRules& rules, const Transaction& transaction, Why& why) {
  if (rules.mta.empty()) {
    return false;
  }
  const std::string name(transaction.macro("{daemon_name}"));
  if (name.empty()) {
    why.emplace_back("the MTA did not say {daemon_name}, so mta does not count");
    return false;
  }
  const bool ours = rules.mta.contains(name);
  why.push_back("{daemon_name} is " + name + (ours ? ", which is" : ", which is not") +
                " one of mta");
  return ours;
}

bool has_listed_macro(const DecisionRules& rules, const Transaction& transaction, Why& why) {
  for (const auto& [name, values] : rules.macro_list) {
    const std::string_view value = transaction.macro(name.c_str());
    const bool fits =
        !value.empty() && (values.empty() || std::ranges::find(values, value) != values.end());
    if (fits) {
      why.push_back("macro " + name + " is " + std::string(value) + ", as macro_list wants it");
      return true;
    }
  }
  if (!rules.macro_list.empty()) {
    why.emplace_back("no macro is as macro_list wants it");
  }
  return false;
}

bool is_internal(const DecisionRules& rules, const Session& client, Why& why) {
  if (client.client_address.empty()) {
    why.emplace_back("the message was submitted locally");
    return true;
  }
  const auto match = rules.internal_hosts.match(client.client_name, client.client_address);
  why.push_back(describe(client) +
                (match.listed ? " is in internal_hosts" : " is not in internal_hosts") +
                because_of(match));
  return match.listed;
}

bool is_authenticated(const Transaction& transaction, Why& why) {
  const std::string_view user = transaction.macro("{auth_authen}");
  const std::string_view type = transaction.macro("{auth_type}");
  if (user.empty() && type.empty()) {
    why.emplace_back("the client is not authenticated");
    return false;
  }
  why.push_back(user.empty() ? "the client is authenticated by " + std::string(type)
                             : "the client is authenticated as " + std::string(user));
  return true;
}

bool is_ours(const DecisionRules& rules, const Transaction& transaction, Why& why) {
  return came_through_our_mta(rules, transaction, why) ||
         has_listed_macro(rules, transaction, why) ||
         is_internal(rules, transaction.session(), why) || is_authenticated(transaction, why);
}

/// Where the sender stands.
std::string_view sender_header(const DecisionRules& rules, std::span<const HeaderField> headers) {
  for (const std::string& name : rules.sender_headers) {
    const bool there = std::ranges::any_of(headers, [&name](const HeaderField& field) {
      return equal_ignoring_case(trimmed_name(field), name);
    });
    if (there) {
      return name;
    }
  }
  return "From";
}

struct Sender {
  Author author;
  std::string_view header;
};

Sender find_sender(const DecisionRules& rules, const Author& author,
                   std::span<const HeaderField> headers) {
  const std::string_view header = sender_header(rules, headers);
  return equal_ignoring_case(header, "From")
             ? Sender{.author = author, .header = "From"}
             : Sender{.author = read_sole_address(headers, header), .header = header};
}

/// None where the message is not to be signed.
std::vector<Signer> find_signers(const DecisionRules& rules, const Signers* signers,
                                 const Author& author, const Sender& sender,
                                 const Transaction& transaction, Decision& decision) {
  if (!rules.sign || signers == nullptr) {
    decision.why.emplace_back("mode has no sign");
    return {};
  }
  const bool ours = is_ours(rules, transaction, decision.why);
  if (!ours) {
    const Session& client = transaction.session();
    if (sender.author.address && signers->names(*sender.author.address) &&
        !rules.external_ignore_list.match(client.client_name, client.client_address).listed) {
      decision.claimed_domain = sender.author.address->domain;
    }
    return {};
  }
  if (!author.address) {
    decision.why.push_back(author.fault);
    return {};
  }
  if (!sender.author.address) {
    decision.why.push_back(sender.author.fault);
    return {};
  }
  if (sender.header != "From") {
    decision.why.push_back("the sender is the one in " + std::string(sender.header));
  }
  return signers->find(*sender.author.address, decision.why);
}

const Address* unsigned_recipient(const DecisionRules& rules, const Envelope& envelope) {
  if (rules.dont_sign_mail_to.empty()) {
    return nullptr;
  }
  const auto found = std::ranges::find_if(envelope.recipients, [&rules](const Address& recipient) {
    return rules.dont_sign_mail_to.contains(recipient.path);
  });
  return found == envelope.recipients.end() ? nullptr : &*found;
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

Decision decide(const DecisionRules& rules, const Signers* signers, const Author& author,
                const Transaction& transaction) {
  Decision decision;
  if (is_peer(rules, transaction.session(), decision.why)) {
    decision.why.emplace_back("left alone");
    return decision;
  }
  const Sender sender = find_sender(rules, author, transaction.headers());
  if (sender.author.address && rules.exempt_domains.contains(sender.author.address->domain)) {
    decision.why.push_back("the sender's domain, " + sender.author.address->domain +
                           ", is one of exempt_domains");
    decision.why.emplace_back("left alone");
    Why unsaid;
    decision.forgeries_must_go = rules.verify && !is_ours(rules, transaction, unsaid);
    return decision;
  }
  auto found = find_signers(rules, signers, author, sender, transaction, decision);
  if (!found.empty()) {
    if (const Address* recipient = unsigned_recipient(rules, transaction.envelope())) {
      decision.why.push_back("recipient " + recipient->path + " is one of dont_sign_mail_to");
      decision.why.emplace_back("left alone");
      return decision;
    }
    for (const Signer& signer : found) {
      decision.why.push_back("signing for " + signer.domain + " with selector " + signer.selector);
    }
    decision.mode = Decision::Mode::sign;
    decision.signers = std::move(found);
  } else if (rules.verify) {
    decision.mode = Decision::Mode::verify;
    decision.why.emplace_back("verifying");
  } else {
    decision.why.emplace_back("nothing to do: mode has no verify");
  }
  return decision;
}

void warn_of_claimed_domain(const Decision& decision, Transaction& transaction) {
  if (decision.claimed_domain.empty()) {
    return;
  }
  const Session& client = transaction.session();
  transaction.log().warn("dkim.external_sender", {{"client", client.client_address},
                                                  {"client_name", client.client_name},
                                                  {"domain", decision.claimed_domain}});
}

}  // namespace milterd::dkim
