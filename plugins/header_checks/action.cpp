#include "plugins/header_checks/action.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/header_checks/logical_header.hpp"

namespace milterd::header_checks {
namespace {

using Kind = RuleAction::Kind;

constexpr std::string_view default_enhanced = "5.7.1";
constexpr std::string_view default_text = "message content rejected";

struct Word {
  std::string_view word;
  Kind kind;
};
constexpr std::array<Word, 15> words = {{{"REJECT", Kind::reject},
                                         {"DISCARD", Kind::discard},
                                         {"HOLD", Kind::hold},
                                         {"REDIRECT", Kind::redirect},
                                         {"BCC", Kind::bcc},
                                         {"PREPEND", Kind::prepend},
                                         {"REPLACE", Kind::replace},
                                         {"IGNORE", Kind::ignore},
                                         {"STRIP", Kind::strip},
                                         {"INFO", Kind::info},
                                         {"WARN", Kind::warn},
                                         {"PASS", Kind::pass},
                                         {"DUNNO", Kind::dunno},
                                         {"OK", Kind::dunno},
                                         {"FILTER", Kind::filter}}};

bool is_c_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view skip_space(std::string_view text) {
  text.remove_prefix(
      static_cast<std::size_t>(std::ranges::find_if_not(text, is_c_space) - text.begin()));
  return text;
}

struct Parts {
  std::string_view word, text;
};
Parts split(std::string_view result) {
  const std::string_view word = result.substr(0, result.find_first_of(" \t"));
  return {word, skip_space(result.substr(word.size()))};
}

std::size_t digits(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

/// The size of the code (RFC 3463) that the text begins with, or 0.
std::size_t enhanced_code_size(std::string_view text) {
  if (text.size() < 2 || std::string_view("245").find(text[0]) == std::string_view::npos ||
      text[1] != '.') {
    return 0;
  }
  const std::size_t subject = digits(text.substr(2));
  const std::size_t dot = 2 + subject;
  if (subject < 1 || subject > 3 || dot >= text.size() || text[dot] != '.') {
    return 0;
  }
  const std::size_t detail = digits(text.substr(dot + 1));
  const std::size_t end = dot + 1 + detail;
  const bool ends = end == text.size() || is_c_space(text[end]);
  return detail >= 1 && detail <= 3 && ends ? end : 0;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t most = 100;
  return "'" + std::string(text.substr(0, most)) + (text.size() > most ? "..." : "") + "'";
}

void read_reject(RuleAction& action, std::string_view text) {
  const std::size_t size = enhanced_code_size(text);
  action.enhanced = size > 0 ? text.substr(0, size) : default_enhanced;
  text = skip_space(text.substr(size));
  action.text = text.empty() ? default_text : text;
  if (action.enhanced.front() == '2') {
    action.fault = "REJECT with the code " + action.enhanced +
                   " of success is a temporary failure; write 4.x.x or 5.x.x";
    action.enhanced.front() = '4';
  }
  action.code = action.enhanced.front() == '4' ? 451 : 550;
}

/// Why the text does not fit the action, or "".
std::string fault_of(Check check, Kind kind, std::string_view word, std::string_view text) {
  const std::string name(word);
  switch (kind) {
    case Kind::redirect:
    case Kind::bcc:
      return text.find('@') != std::string_view::npos
                 ? ""
                 : name + " needs an address user@domain, not " + quoted(text);
    case Kind::prepend:
    case Kind::replace:
      if (text.empty()) {
        return name + " needs a text behind it";
      }
      if (check != Check::body && field_name_size(text) == 0) {
        return name + " needs a header field 'name: value', not " + quoted(text);
      }
      return kind == Kind::prepend && check == Check::milter_header
                 ? "PREPEND is not implemented in milter_header_checks"
                 : "";
    case Kind::pass:
      return check == Check::milter_header ? "PASS is not supported in milter_header_checks" : "";
    case Kind::filter:
      return "FILTER needs the MTA's queue manager, which no milter reaches; leave this rule in "
             "Postfix's own header_checks, or use content_filter there";
    default: return "";
  }
}

}  // namespace

const char* to_string(Check check) {
  switch (check) {
    case Check::header: return "header_checks";
    case Check::mime_header: return "mime_header_checks";
    case Check::nested_header: return "nested_header_checks";
    case Check::body: return "body_checks";
    case Check::milter_header: break;
  }
  return "milter_header_checks";
}

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::reject: return "reject";
    case Kind::discard: return "discard";
    case Kind::hold: return "hold";
    case Kind::redirect: return "redirect";
    case Kind::bcc: return "bcc";
    case Kind::prepend: return "prepend";
    case Kind::replace: return "replace";
    case Kind::ignore: return "ignore";
    case Kind::strip: return "strip";
    case Kind::info: return "info";
    case Kind::warn: return "warning";
    case Kind::pass: return "pass";
    case Kind::dunno: return "dunno";
    case Kind::filter: return "filter";
    case Kind::none: break;
  }
  return "none";
}

std::string_view word_of(Kind kind) {
  const auto found =
      std::ranges::find_if(words, [&](const Word& known) { return known.kind == kind; });
  return found == words.end() ? std::string_view("?") : found->word;
}

RuleAction parse_action(Check check, std::string_view result) {
  const auto [word, text] = split(result);
  const auto found = std::ranges::find_if(
      words, [&](const Word& known) { return equal_ignoring_case(known.word, word); });
  RuleAction action;
  if (found == words.end()) {
    action.fault = quoted(word) + " is no action of " + to_string(check);
    return action;
  }
  action.kind = found->kind;
  if (action.kind == Kind::reject) {
    read_reject(action, text);
    return action;
  }
  action.fault = fault_of(check, action.kind, found->word, text);
  action.text = text;
  if (!action.fault.empty() && action.kind != Kind::filter) {
    action.kind = Kind::none;
  }
  return action;
}

RuleAction parse_template(Check check, std::string_view result) {
  const auto [word, text] = split(result);
  if (word.find('$') != std::string_view::npos) {
    return {};
  }
  RuleAction action = parse_action(check, result);
  const bool is_open = text.find('$') != std::string_view::npos;
  if (is_open && action.kind == Kind::none) {
    // With any text that would do.
    const RuleAction likely = parse_action(check, std::string(word) + " x@y: z");
    action.kind = likely.kind;
    action.fault = likely.fault;
  }
  return action;
}

}  // namespace milterd::header_checks
