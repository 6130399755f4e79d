#include "plugins/dkim/dkim_config.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "milterd/ascii.hpp"
#include "plugins/dkim/key_trial.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

constexpr std::array all_actions = {Action::accept, Action::reject, Action::tempfail,
                                    Action::discard, Action::quarantine};

/// Without anything to sign with, a stage verifies.
void read_mode(Section& section, DecisionRules& rules) {
  const bool can_sign = section.has("domain") || section.has("selector") || section.has("key_file");
  const auto words =
      can_sign ? section.strings("mode", {"sign", "verify"}) : section.strings("mode", {"verify"});
  for (const std::string& word : words) {
    if (word == "sign") {
      rules.sign = true;
    } else if (word == "verify") {
      rules.verify = true;
    } else {
      section.error("mode", "'" + word + "' is no mode: use \"sign\", \"verify\" or both");
    }
  }
  if (words.empty()) {
    section.error("mode", "'mode' is empty: use \"sign\", \"verify\" or both");
  }
}

void read_domains(Section& section, DecisionRules& rules) {
  for (const std::string& domain : section.strings("domain", {})) {
    if (is_domain_name(domain)) {
      rules.domains.push_back(to_lower(domain));
    } else {
      section.error("domain", "'" + domain + "' is not a domain name");
    }
  }
}

void read_internal_hosts(Section& section, DecisionRules& rules) {
  for (const std::string& entry : section.strings("internal_hosts", {"127.0.0.1", "::1"})) {
    if (const auto added = rules.internal_hosts.add(entry); !added) {
      section.error("internal_hosts", added.error().message);
    }
  }
}

/// One word is the header's; the body's is simple then, as in opendkim.
Canonicalization read_canonicalization(Section& section) {
  const std::string text = section.string("canonicalization", "relaxed/relaxed");
  const std::size_t slash = text.find('/');
  Canonicalization read{.header = text.substr(0, slash),
                        .body = slash == std::string::npos ? "simple" : text.substr(slash + 1)};
  const auto is_word = [](std::string_view word) { return word == "simple" || word == "relaxed"; };
  if (!is_word(read.header) || !is_word(read.body)) {
    section.error("canonicalization", "'" + text +
                                          "' is no canonicalization: use simple or relaxed for the "
                                          "header, a / and the same for the body");
    return {};
  }
  return read;
}

void read_actions(Section& section, Actions& actions) {
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const auto trouble = static_cast<Trouble>(i);
    const auto position = static_cast<std::size_t>(
        std::ranges::find(all_actions, usual_action(trouble)) - all_actions.begin());
    actions[i] = all_actions[section.choice(
        key_of(trouble), position, {"accept", "reject", "tempfail", "discard", "quarantine"})];
  }
}

/// Domain, selector and key belong together.
bool has_all_for_signing(Section& section, const DkimConfig& config, const std::string& key_file) {
  bool complete = true;
  const auto demand = [&](std::string_view key, bool there) {
    if (!there) {
      section.error(key, std::string(key) +
                             " is missing: signing needs domain, selector and key_file; without "
                             "them use mode = [\"verify\"]");
      complete = false;
    }
  };
  demand("domain", section.has("domain"));
  demand("selector", !config.selector.empty());
  demand("key_file", !key_file.empty());
  return complete && !config.rules.domains.empty();
}

std::optional<SigningKey> read_key(Section& section, const DkimConfig& config,
                                   const std::string& key_file) {
  if (!has_all_for_signing(section, config, key_file)) {
    return std::nullopt;
  }
  if (!is_domain_name(config.selector)) {
    section.error("selector", "'" + config.selector +
                                  "' is not a selector: it is a part of a "
                                  "domain name");
    return std::nullopt;
  }
  auto key = SigningKey::load(key_file);
  if (!key) {
    section.error("key_file", key.error().message);
    return std::nullopt;
  }
  if (const auto tried = try_key(*key, {config.rules.domains.front(), config.selector}); !tried) {
    section.error("key_file", "cannot use key '" + key_file + "': " + tried.error().message);
    return std::nullopt;
  }
  return std::move(*key);
}

}  // namespace

DkimConfig read_config(Section& section) {
  DkimConfig config;
  read_mode(section, config.rules);
  read_domains(section, config.rules);
  config.selector = section.string("selector", "");
  const std::string key_file = section.string("key_file", "");
  read_internal_hosts(section, config.rules);
  config.canonicalization = read_canonicalization(section);
  if (const std::string path = section.string("test_public_keys", ""); !path.empty()) {
    auto keys = PublicKeyFile::read(path);
    if (keys) {
      config.test_public_keys = std::move(*keys);
    } else {
      section.error("test_public_keys", keys.error().message);
    }
  }
  read_actions(section, config.actions);
  if (config.rules.sign) {
    config.key = read_key(section, config, key_file);
    config.rules.sign = config.key.has_value();
  }
  return config;
}

}  // namespace milterd::dkim
