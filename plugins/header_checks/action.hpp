#pragma once
/// What a rule's result asks for (header_checks(5)).

#include <cstdint>
#include <string>
#include <string_view>

namespace milterd::header_checks {

enum class Check : std::uint8_t {
  header,         ///< header_checks
  mime_header,    ///< mime_header_checks
  nested_header,  ///< nested_header_checks
  body,           ///< body_checks
  milter_header,  ///< milter_header_checks
};

/// "header_checks", ...
const char* to_string(Check check);

struct RuleAction {
  enum class Kind : std::uint8_t {
    reject,
    discard,
    hold,
    redirect,
    bcc,
    prepend,
    replace,
    ignore,
    strip,
    info,
    warn,
    pass,
    dunno,
    filter,  ///< Nothing that a milter can do; refused at load.
    none,    ///< A word that is no action, or one that this check does not know; see `fault`.
  };
  Kind kind = Kind::none;
  /// Behind the word: a reason, an address, a header field, a line. Of a reject the reply's text,
  /// never empty.
  std::string text;
  int code = 550;        ///< reject: 550, or 451 where the enhanced code is 4.x.x.
  std::string enhanced;  ///< reject: "5.7.1"
  /// Why the action is not done, or done otherwise than it says; as Postfix warns. "" if all right.
  std::string fault;
};

/// The word of a kind in lower case, as Postfix logs it: "reject".
const char* to_string(RuleAction::Kind kind);
/// As a table has it: "REJECT".
std::string_view word_of(RuleAction::Kind kind);

/// `result` is what a rule gave. Never fails: a faulty action is Kind::none with a fault, as
/// Postfix keeps the header then.
RuleAction parse_action(Check check, std::string_view result);

/// The same for a result as the table has it, where "$n" may stand for anything: a fault is told
/// only where it is one whatever the pattern matches, and Kind::none without fault says that the
/// action itself is not known yet.
RuleAction parse_template(Check check, std::string_view result);

}  // namespace milterd::header_checks
