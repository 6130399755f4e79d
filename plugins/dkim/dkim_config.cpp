#include "plugins/dkim/dkim_config.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace milterd::dkim {

namespace {

constexpr std::array all_actions = {Action::accept, Action::reject, Action::tempfail,
                                    Action::discard, Action::quarantine};

void read_actions(Section& section, Actions& actions) {
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const auto trouble = static_cast<Trouble>(i);
    const auto position = static_cast<std::size_t>(
        std::ranges::find(all_actions, usual_action(trouble)) - all_actions.begin());
    actions[i] = all_actions[section.choice(
        key_of(trouble), position, {"accept", "reject", "tempfail", "discard", "quarantine"})];
  }
}

}  // namespace

DkimConfig read_config(Section& section) {
  DkimConfig config;
  config.decision = read_decision_rules(section);
  config.signers = read_signers(section, config.decision.sign);
  config.decision.sign = config.signers != nullptr;
  config.signing = read_signing_rules(section);
  config.verifying = read_verifying_rules(section);
  if (const std::string path = section.string("test_public_keys", ""); !path.empty()) {
    auto keys = PublicKeyFile::read(path);
    if (keys) {
      config.test_public_keys = std::move(*keys);
    } else {
      section.error("test_public_keys", keys.error().message);
    }
  }
  read_actions(section, config.actions);
  return config;
}

}  // namespace milterd::dkim
