#include "plugins/header_checks/edit_checks.hpp"

#include <utility>

#include "plugins/header_checks/envelope_edit.hpp"
#include "plugins/header_checks/field_text.hpp"
#include "plugins/header_checks/inspection.hpp"

namespace milterd::header_checks {
namespace {

void apply(const UnitEdit& unit, HeaderEdit& edit) {
  switch (unit.kind) {
    case UnitEdit::Kind::drop: edit.keep = false; return;
    case UnitEdit::Kind::replace:
      if (std::optional<FieldText> field = field_of_text(unit.text)) {
        edit.name = std::move(field->name);
        edit.value = std::move(field->value);
      }
      return;
    case UnitEdit::Kind::keep:
    case UnitEdit::Kind::prepend: return;
  }
}

}  // namespace

Result<Verdict> EditChecks::check(Transaction& transaction, HeaderEdit& edit) {
  // REDIRECT ends all checks, as in Postfix; one that was taken back ends nothing.
  const bool redirected = !redirect_.empty() && is_redirected_to(transaction, redirect_);
  if (checks_.milter_header.empty() || refused_stage_ == edit.stage || redirected) {
    return Verdict{};
  }
  Inspection inspection(records_);
  const Result<UnitEdit> unit = inspection.inspect(Check::milter_header, checks_.milter_header,
                                                   table_key(edit.name, edit.value));
  if (!unit) {
    return std::unexpected(unit.error());
  }
  apply(*unit, edit);
  if (inspection.is_refused()) {
    refused_stage_ = edit.stage;
    return inspection.verdict();
  }
  for (const std::string& address : inspection.bcc()) {
    if (Result<> added = add_bcc(transaction, address); !added) {
      return std::unexpected(added.error());
    }
  }
  if (!inspection.redirect().empty()) {
    redirect_ = inspection.redirect();
    if (Result<> redirected_now = redirect_to(transaction, redirect_); !redirected_now) {
      return std::unexpected(redirected_now.error());
    }
  }
  return inspection.verdict();
}

Result<> EditChecks::keep_redirected(Transaction& transaction) const {
  if (redirect_.empty() || !has_recipient(transaction, redirect_)) {
    return {};
  }
  return redirect_to(transaction, redirect_);
}

}  // namespace milterd::header_checks
