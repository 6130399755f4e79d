#include "plugins/header_checks/inspection.hpp"

#include <algorithm>
#include <utility>

#include "plugins/header_checks/envelope_edit.hpp"

namespace milterd::header_checks {
namespace {

using Kind = RuleAction::Kind;

/// For logs and reports: what a log line shows, and more than a reply has.
constexpr std::size_t longest_subject = 200;
constexpr std::size_t longest_text = 1'000;

/// As Postfix does it for what goes to clients: each other byte is a blank.
std::string printable(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, ' ');
  return text;
}

constexpr const char* nesting_text = "MIME nesting exceeds safety limit";

}  // namespace

Result<UnitEdit> Inspection::inspect(Check check, const TableList& tables, std::string_view key) {
  if (tables.empty()) {
    return UnitEdit{};
  }
  std::vector<RuleFault> faults;
  Result<std::optional<RuleHit>> found = find_rule(tables, key, check != Check::body, faults);
  for (RuleFault& fault : faults) {
    records_.add(std::move(fault));
  }
  if (!found) {
    return fail(std::string(to_string(check)) + ": " + found.error().message);
  }
  if (!*found) {
    return UnitEdit{};
  }
  const RuleHit& hit = **found;
  RuleAction action = parse_action(check, hit.result);
  if (action.kind == Kind::filter) {
    // Without its filter the message would go where it must not.
    return fail(std::string(to_string(check)) + ": " + place_of(*hit.table, hit.line) + ": " +
                action.fault);
  }
  if (!action.fault.empty()) {
    records_.add(RuleFault{hit.table, hit.line, action.fault});
  }
  if (action.kind == Kind::none) {
    return UnitEdit{};
  }
  RuleMatch match{.table = hit.table->name(),
                  .line = hit.line,
                  .kind = action.kind,
                  .check = check,
                  .subject = std::string(key.substr(0, longest_subject)),
                  .text = action.text.substr(0, longest_text)};
  return act(std::move(match), std::move(action));
}

UnitEdit Inspection::act(RuleMatch match, RuleAction action) {
  UnitEdit edit;
  switch (action.kind) {
    case Kind::reject:
      match.text.insert(0, action.enhanced + " ");
      reject_ = Reply{action.code, std::move(action.enhanced), {printable(std::move(action.text))}};
      break;
    case Kind::discard: discard_ = true; break;
    case Kind::hold:
      if (hold_) {
        return edit;  // Postfix says it once.
      }
      hold_ = true;
      break;
    case Kind::redirect: redirect_ = envelope_path(action.text); break;
    case Kind::bcc: bcc_.push_back(envelope_path(action.text)); break;
    case Kind::prepend: edit = {UnitEdit::Kind::prepend, std::move(action.text)}; break;
    case Kind::replace: edit = {UnitEdit::Kind::replace, std::move(action.text)}; break;
    case Kind::ignore:
    case Kind::strip: edit.kind = UnitEdit::Kind::drop; break;
    case Kind::info:
    case Kind::warn:
    case Kind::pass:
    case Kind::dunno:
    case Kind::filter:
    case Kind::none: break;
  }
  decide(match);
  records_.add(std::move(match));
  return edit;
}

void Inspection::decide(const RuleMatch& match) {
  const bool refuses = match.kind == Kind::reject || match.kind == Kind::discard;
  const bool ends = refuses || match.kind == Kind::redirect || match.kind == Kind::pass;
  over_ = over_ || ends;
  if (!ends && match.kind != Kind::hold) {
    return;
  }
  deciding_rule_.assign(match.place()).append(" ").append(word_of(match.kind));
  if (refuses || match.kind == Kind::hold) {
    reason_ = match.text.empty() ? deciding_rule_ : match.text + " (" + match.place() + ")";
  }
}

void Inspection::exceed_nesting(std::string_view content_type) {
  nesting_exceeded_ = true;
  records_.add(RuleMatch{.table = {},
                         .line = 0,
                         .kind = Kind::reject,
                         .check = Check::mime_header,
                         .subject = std::string(content_type.substr(0, longest_subject)),
                         .text = nesting_text});
}

Verdict Inspection::verdict() const {
  if (reject_) {
    return {reject_->code < 500 ? Action::tempfail : Action::reject, reject_, reason_};
  }
  if (discard_) {
    return {Action::discard, {}, reason_};
  }
  if (nesting_exceeded_) {
    return {Action::reject, Reply{550, "5.6.0", {nesting_text}}, nesting_text};
  }
  if (hold_) {
    return {Action::quarantine, {}, reason_};
  }
  return {};
}

}  // namespace milterd::header_checks
