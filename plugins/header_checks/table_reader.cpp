#include "plugins/header_checks/table_reader.hpp"

#include <optional>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/header_checks/expectation.hpp"

namespace milterd::header_checks {
namespace {

using Kind = RuleAction::Kind;

struct Element {
  std::string specification;
  bool decode = false;
};

/// "pcre:/path", or "{ pcre:/path, decode=rfc2047 }" as smtpd_milters writes settings of one.
Result<Element> parse_element(std::string_view text) {
  if (!text.starts_with('{') || !text.ends_with('}')) {
    return Element{std::string(text)};
  }
  const std::vector<std::string> parts = split_table_list(text.substr(1, text.size() - 2));
  if (parts.empty()) {
    return fail("'" + std::string(text) + "' names no table");
  }
  Element element{parts.front()};
  for (std::size_t at = 1; at < parts.size(); ++at) {
    if (parts[at] != "decode=rfc2047" && parts[at] != "decode=no") {
      return fail("'" + parts[at] + "' is no setting of a table; there is decode=rfc2047");
    }
    element.decode = parts[at] == "decode=rfc2047";
  }
  return element;
}

/// Checks that know the same actions.
Check kind_of(Check check) {
  return check == Check::mime_header || check == Check::nested_header ? Check::header : check;
}

}  // namespace

TableList TableReader::read(Check check, const std::vector<std::string>& elements,
                            ActionSet& actions) {
  const char* key = to_string(check);
  TableList tables;
  for (const std::string& text : elements) {
    for (const std::string& part : split_table_list(text)) {
      const Result<Element> element = parse_element(part);
      if (!element) {
        // mime_header_checks and nested_header_checks may say the same as header_checks.
        if (misread_.insert(part).second) {
          section_.error(key, element.error().message);
        }
        continue;
      }
      Opened& opened = open(key, element->specification);
      if (!opened.table) {
        continue;
      }
      check_actions(check, opened);
      actions |= opened.actions[kind_of(check)];
      run_tests(key, opened, element->decode);
      tables.push_back({opened.table, element->decode});
    }
  }
  return tables;
}

TableReader::Opened& TableReader::open(std::string_view key, const std::string& specification) {
  const auto [place, is_new] = opened_.try_emplace(specification);
  Opened& opened = place->second;
  if (!is_new) {
    return opened;
  }
  std::vector<TableFault> faults;
  Result<std::shared_ptr<const Table>> table = Table::open(specification, options_, faults);
  if (!table) {
    section_.error(key, table.error().message);
    return opened;
  }
  opened.table = std::move(*table);
  for (const TableFault& fault : faults) {
    tell(key, place_of(*opened.table, fault.line) + ": " + fault.text);
  }
  return opened;
}

/// Postfix looks at a rule's action only when it matches, and mail pays for the fault then.
void TableReader::check_actions(Check check, Opened& opened) {
  const auto [place, is_new] = opened.actions.try_emplace(kind_of(check));
  ActionSet& actions = place->second;
  if (!is_new) {
    return;
  }
  const char* key = to_string(check);
  for (std::size_t rule = 0; rule < opened.table->rule_count(); ++rule) {
    const RuleAction action = parse_template(check, opened.table->result_of(rule));
    if (action.kind == Kind::none && action.fault.empty()) {
      actions.set();
      continue;
    }
    actions.set(static_cast<std::size_t>(action.kind));
    const std::string text =
        place_of(*opened.table, opened.table->line_of(rule)) + ": " + action.fault;
    if (action.kind == Kind::filter) {
      section_.error(key, text);
    } else if (!action.fault.empty()) {
      tell(key, text);
    }
  }
}

void TableReader::run_tests(std::string_view key, Opened& opened, bool decode) {
  if (load_ != Load::check || opened.tested.test(decode ? 1 : 0)) {
    return;
  }
  opened.tested.set(decode ? 1 : 0);
  for (const TableFault& fault : check_expectations(*opened.table, decode)) {
    section_.error(key, place_of(*opened.table, fault.line) + ": " + fault.text);
  }
}

void TableReader::tell(std::string_view key, const std::string& text) {
  strict_ ? section_.error(key, text) : section_.warning(key, text);
}

}  // namespace milterd::header_checks
