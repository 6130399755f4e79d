#include "plugins/header_checks/rule_syntax.hpp"

#include <string>

#include "milterd/ascii.hpp"
#include "plugins/header_checks/pattern.hpp"
#include "plugins/header_checks/white_space.hpp"

namespace milterd::header_checks {
namespace {

/// PCRE2's option for a flag; 0 for "X", which PCRE2 has not. Nothing: no such flag.
std::optional<std::uint32_t> option_for(char flag) {
  switch (flag) {
    case 'i': return PCRE2_CASELESS;
    case 'm': return PCRE2_MULTILINE;
    case 's': return PCRE2_DOTALL;
    case 'x': return PCRE2_EXTENDED;
    case 'A': return PCRE2_ANCHORED;
    case 'E': return PCRE2_DOLLAR_ENDONLY;
    case 'U': return PCRE2_UNGREEDY;
    case 'X': return 0;
    default: return std::nullopt;
  }
}

class RuleParser {
 public:
  RuleParser(const LogicalLine& line, FaultList& faults)
      : line_(line.number), rest_(trim_right(line.text)), faults_(faults) {}

  std::optional<RuleSyntax> parse(bool inside_if) {
    if (rest_.empty()) {
      return std::nullopt;
    }
    if (!is_alphanumeric(rest_.front())) {
      return parse_match();
    }
    if (take_word("if")) {
      return parse_if();
    }
    if (take_word("endif")) {
      return parse_endif(inside_if);
    }
    return refuse("neither a pattern nor \"if\" or \"endif\"; the line is ignored: " +
                  shown(rest_));
  }

 private:
  std::nullopt_t refuse(std::string text) {
    faults_.add(line_, std::move(text));
    return std::nullopt;
  }

  bool take_word(std::string_view word) {
    if (!equal_ignoring_case(rest_.substr(0, word.size()), word) ||
        (rest_.size() > word.size() && is_alphanumeric(rest_[word.size()]))) {
      return false;
    }
    rest_.remove_prefix(word.size());
    return true;
  }

  std::optional<RuleSyntax> parse_match() {
    auto rule = parse_pattern();
    if (rule) {
      rule->result = trim_left(rest_);
      if (rule->result.empty()) {
        faults_.add(line_,
                    "no result behind the pattern; an empty one is an error when it matches");
      }
    }
    return rule;
  }

  std::optional<RuleSyntax> parse_if() {
    auto rule = parse_pattern();
    if (rule) {
      rule->kind = RuleSyntax::Kind::begin_if;
      if (const auto extra = trim_left(rest_); !extra.empty()) {
        faults_.add(line_, "the text behind the pattern of \"if\" is ignored: " + shown(extra));
        faults_.add(line_, "lines between \"if\" and \"endif\" must not begin with white space");
      }
    }
    return rule;
  }

  std::optional<RuleSyntax> parse_endif(bool inside_if) {
    if (!inside_if) {
      return refuse("\"endif\" without \"if\"; it is ignored");
    }
    if (const auto extra = trim_left(rest_); !extra.empty()) {
      faults_.add(line_, "the text behind \"endif\" is ignored: " + shown(extra));
    }
    RuleSyntax rule;
    rule.kind = RuleSyntax::Kind::end_if;
    return rule;
  }

  /// Negations, delimiters, pattern and flags.
  std::optional<RuleSyntax> parse_pattern() {
    RuleSyntax rule;
    rule.options = PCRE2_CASELESS | PCRE2_DOTALL;
    while (!rest_.empty() && (rest_.front() == '!' || is_white(rest_.front()))) {
      rule.negated = rule.negated != (rest_.front() == '!');
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) {
      return refuse("no pattern; the rule is ignored");
    }
    const char delimiter = rest_.front();
    rest_.remove_prefix(1);
    std::size_t end = 0;
    while (end < rest_.size() && (rest_[end] == '\\' || rest_[end] != delimiter)) {
      end += rest_[end] == '\\' ? 2 : 1;
    }
    if (end >= rest_.size()) {
      return refuse("no closing delimiter " + shown({&delimiter, 1}) + "; the rule is ignored");
    }
    rule.pattern = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return read_flags(rule.options) ? std::optional(rule) : std::nullopt;
  }

  bool read_flags(std::uint32_t& options) {
    for (; !rest_.empty() && !is_white(rest_.front()); rest_.remove_prefix(1)) {
      const char flag = rest_.front();
      const auto option = option_for(flag);
      if (!option) {
        refuse("unknown flag " + shown({&flag, 1}) + " behind the pattern; the rule is ignored");
        return false;
      }
      if (*option == 0) {
        faults_.add(line_, "the flag \"X\" has no meaning any more and is ignored");
      }
      options ^= *option;
    }
    return true;
  }

  std::size_t line_;
  std::string_view rest_;
  FaultList& faults_;
};

}  // namespace

std::optional<RuleSyntax> parse_rule(const LogicalLine& line, bool inside_if, FaultList& faults) {
  return RuleParser(line, faults).parse(inside_if);
}

}  // namespace milterd::header_checks
