#include "plugins/clamav/policy/policy.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/clamav/policy/reject_message.hpp"

namespace milterd::clamav {
namespace {

constexpr std::array actions = {Action::accept, Action::reject, Action::tempfail, Action::discard,
                                Action::quarantine};

constexpr std::array<std::string_view, Policy::message_reasons> reason_keys = {
    "on_unscanned_size",  "on_unscanned_time",      "on_unscanned_recursion",
    "on_unscanned_files", "on_unscanned_encrypted", "on_unscanned_parser_error"};

Action read_action(Section& section, std::string_view key, Action otherwise) {
  const auto place = std::ranges::find(actions, otherwise) - actions.begin();
  return actions.at(section.choice(key, static_cast<std::size_t>(place),
                                   {"accept", "reject", "tempfail", "discard", "quarantine"}));
}

Action read_on_fail(Section& section) {
  constexpr std::array allowed = {Action::tempfail, Action::accept, Action::reject,
                                  Action::quarantine};
  return allowed.at(section.choice("on_fail", 0, {"tempfail", "accept", "reject", "quarantine"}));
}

/// "5.7.1" (RFC 3463 section 2, of the class that goes with a 5xx code)
bool is_enhanced_code(std::string_view text) {
  constexpr std::size_t most_digits = 3;
  if (!text.starts_with("5.")) {
    return false;
  }
  text.remove_prefix(2);
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) {
    return false;
  }
  const auto is_number = [](std::string_view digits) {
    return !digits.empty() && digits.size() <= most_digits &&
           std::ranges::all_of(digits, is_digit) && (digits.size() == 1 || digits[0] != '0');
  };
  return is_number(text.substr(0, dot)) && is_number(text.substr(dot + 1));
}

RefusalText read_refusal(Section& section, const RefusalText& otherwise) {
  constexpr int least_code = 500;
  constexpr int most_code = 599;
  RefusalText refusal;
  refusal.message = section.string("reject_message", otherwise.message);
  if (const Result<> checked = check_reject_message(refusal.message);
      section.has("reject_message") && !checked) {
    section.error("reject_message", checked.error().message);
  }
  refusal.code =
      static_cast<int>(section.integer("reject_code", otherwise.code, least_code, most_code));
  refusal.enhanced_code = section.string("reject_enhanced_code", otherwise.enhanced_code);
  if (section.has("reject_enhanced_code") && !is_enhanced_code(refusal.enhanced_code)) {
    section.error("reject_enhanced_code",
                  "'reject_enhanced_code' must read like \"5.7.1\": three numbers, of which the "
                  "first is 5, as that of reject_code (RFC 3463)");
  }
  return refusal;
}

void read_rule(Section& section, Policy& policy) {
  const std::string text = section.string("pattern", "");
  auto pattern = NamePattern::compile(text);
  if (text.empty()) {
    section.error("pattern", "an action needs a 'pattern' of signature names, such as \"PUA.*\"");
  } else if (!pattern) {
    section.error("pattern", pattern.error().message);
  }
  if (!section.has("action")) {
    section.error("action",
                  "an action needs an 'action': accept, reject, tempfail, discard or quarantine");
  }
  const Action action = read_action(section, "action", policy.on_infected);
  RefusalText refusal = read_refusal(section, policy.refusal);
  if (pattern) {
    policy.rules.push_back({std::move(*pattern), action, std::move(refusal)});
  }
}

}  // namespace

const Policy::Rule* Policy::rule_for(std::string_view signature) const {
  const auto found = std::ranges::find_if(
      rules, [&](const Rule& rule) { return rule.pattern.matches(signature); });
  return found == rules.end() ? nullptr : &*found;
}

bool Policy::quarantines() const {
  const auto holds = [](Action action) { return action == Action::quarantine; };
  return holds(on_infected) || holds(on_clean) || holds(on_fail) ||
         std::ranges::any_of(on_unscanned, holds) ||
         std::ranges::any_of(rules, holds, &Rule::action);
}

Policy read_policy(Section& section) {
  Policy policy;
  policy.on_infected = read_action(section, "on_infected", policy.on_infected);
  policy.refusal = read_refusal(section, {});
  policy.on_clean = read_action(section, "on_clean", policy.on_clean);
  policy.on_fail = read_on_fail(section);
  const Action on_unscanned = read_action(section, "on_unscanned", Action::accept);
  for (std::size_t i = 0; i < reason_keys.size(); ++i) {
    policy.on_unscanned.at(i) = read_action(section, reason_keys.at(i), on_unscanned);
  }
  for (Section* rule : section.tables("action")) {
    read_rule(*rule, policy);
  }
  return policy;
}

}  // namespace milterd::clamav
