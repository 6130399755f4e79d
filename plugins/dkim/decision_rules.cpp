#include "plugins/dkim/decision_rules.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "milterd/ascii.hpp"
#include "plugins/common/data_set.hpp"
#include "plugins/common/host_list_setting.hpp"

namespace milterd::dkim {

namespace {

/// Without anything to sign with, a stage verifies.
void read_mode(Section& section, DecisionRules& rules) {
  constexpr std::string_view what_to_sign_with[] = {"domain", "selector", "key_file", "key_table",
                                                    "signing_table"};
  const bool can_sign = std::ranges::any_of(
      what_to_sign_with, [&section](std::string_view key) { return section.has(key); });
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

/// As libmilter has it: one letter bare, else braces. opendkim's lists have no braces.
std::string macro_name(std::string_view name) {
  return name.size() == 1 || name.starts_with('{') ? std::string(name)
                                                   : "{" + std::string(name) + "}";
}

bool is_macro_name(std::string_view name) {
  if (name.starts_with('{') && name.ends_with('}')) {
    name = name.substr(1, name.size() - 2);
  }
  constexpr std::size_t longest = 100;
  return !name.empty() && name.size() <= longest && std::ranges::all_of(name, [](char c) {
    return is_alphanumeric(c) || c == '_' || c == '-' || c == '.';
  });
}

class MacroListReader {
 public:
  explicit MacroListReader(Section& section) : section_(section) {}

  /// "name" or "name=value|value".
  void add_item(const std::string& item) {
    const std::size_t equals = item.find('=');
    add(item.substr(0, equals), equals == std::string::npos ? "" : item.substr(equals + 1), "");
  }

  void add_set(const std::string& specification) {
    const auto set = DataSet::read(specification);
    if (!set) {
      section_.error("macro_list", set.error().message);
      return;
    }
    if (set->kind == DataSet::Kind::patterns) {
      section_.error("macro_list", "'" + specification +
                                       "' has patterns: macro_list takes names; use file: or a "
                                       "list of \"name=value\"");
      return;
    }
    for (const DataEntry& entry : set->entries) {
      add(entry.key, entry.value, entry.place + ": ");
    }
  }

  std::vector<std::pair<std::string, std::vector<std::string>>> take() {
    return std::move(macros_);
  }

 private:
  void add(const std::string& name, std::string_view values, const std::string& place) {
    if (!is_macro_name(name)) {
      section_.error("macro_list",
                     place + "'" + name + "' is no macro: write \"name\" or \"name=value|value\"");
      return;
    }
    std::vector<std::string> listed;
    while (!values.empty()) {
      const std::size_t bar = values.find('|');
      const std::string_view value = values.substr(0, bar);
      values.remove_prefix(bar == std::string_view::npos ? values.size() : bar + 1);
      const std::size_t begin = value.find_first_not_of(' ');
      if (begin != std::string_view::npos) {
        listed.emplace_back(value.substr(begin, value.find_last_not_of(' ') + 1 - begin));
      }
    }
    macros_.emplace_back(macro_name(name), std::move(listed));
  }

  Section& section_;
  std::vector<std::pair<std::string, std::vector<std::string>>> macros_;
};

void read_macro_list(Section& section, DecisionRules& rules) {
  MacroListReader reader(section);
  for (const std::string& item : section.strings("macro_list", {})) {
    if (DataSet::is_specification(item)) {
      reader.add_set(item);
    } else {
      reader.add_item(item);
    }
  }
  rules.macro_list = reader.take();
}

void read_sender_headers(Section& section, DecisionRules& rules) {
  rules.sender_headers = section.strings("sender_headers", {"From"});
  for (const std::string& name : rules.sender_headers) {
    const bool is_name = !name.empty() && std::ranges::all_of(name, [](char c) {
      return c > ' ' && c < '\x7f' && c != ':';
    });
    if (!is_name) {
      section.error("sender_headers", "'" + name + "' is not the name of a header field");
    }
  }
}

}  // namespace

DecisionRules read_decision_rules(Section& section) {
  DecisionRules rules;
  read_mode(section, rules);
  rules.internal_hosts = read_host_list(section, "internal_hosts", {"127.0.0.1", "::1"});
  rules.external_ignore_list = read_host_list(section, "external_ignore_list", {});
  rules.peer_list = read_host_list(section, "peer_list", {});
  rules.mta = read_name_set(section, "mta");
  read_macro_list(section, rules);
  rules.exempt_domains = read_name_set(section, "exempt_domains");
  rules.dont_sign_mail_to = read_name_set(section, "dont_sign_mail_to");
  read_sender_headers(section, rules);
  return rules;
}

std::vector<std::string> macros_of(const DecisionRules& rules) {
  if (!rules.sign) {
    return {};
  }
  std::vector<std::string> names = {"{auth_authen}", "{auth_type}"};
  const auto add = [&names](const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) {
      names.push_back(name);
    }
  };
  if (!rules.mta.empty()) {
    add("{daemon_name}");
  }
  for (const auto& [name, values] : rules.macro_list) {
    add(name);
  }
  return names;
}

}  // namespace milterd::dkim
