#include "plugins/header_checks/message_checks.hpp"

#include <algorithm>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/header_checks/envelope_edit.hpp"
#include "plugins/header_checks/field_text.hpp"

namespace milterd::header_checks {
namespace {

std::string_view bare_name(const HeaderField& field) {
  std::string_view name = field.name();
  while (!name.empty() && is_space(name.back())) {
    name.remove_suffix(1);
  }
  return name;
}

/// headers()[index] stands below index + 1 fields: the MTA's own Received counts.
Result<> insert_above(Transaction& transaction, std::size_t index, const FieldText& field) {
  return transaction.insert_header(index + 1, field.name, field.value);
}

Result<> edit_field(Transaction& transaction, std::size_t index, const UnitEdit& edit) {
  if (edit.kind == UnitEdit::Kind::drop) {
    return transaction.delete_header(index);
  }
  const std::optional<FieldText> field = field_of_text(edit.text);
  if (!field) {
    return {};
  }
  if (edit.kind == UnitEdit::Kind::prepend) {
    return insert_above(transaction, index, *field);
  }
  if (transaction.headers()[index].name() == field->name) {
    return transaction.change_header(index, field->value);
  }
  if (Result<> deleted = transaction.delete_header(index); !deleted) {
    return deleted;
  }
  return insert_above(transaction, index, *field);
}

}  // namespace

void MessageChecks::look_at_header(const Transaction& transaction) {
  header_seen_ = true;
  deadline_ = transaction.deadline();
  std::string scratch;
  for (const HeaderField& field : transaction.headers()) {
    const std::string_view name = bare_name(field);
    if (equal_ignoring_case(name, "content-type")) {
      content_types_.push_back(field);
    }
    const Check check = check_of_field(name, Check::header);
    if (!goes_on() || inspection_.is_over() || checks_.of(check).empty()) {
      continue;
    }
    std::optional<UnitEdit> edit = inspect(check, table_key(field, checks_.limits.lines, scratch));
    if (edit && edit->kind != UnitEdit::Kind::keep) {
      field_edits_.push_back({field, std::move(*edit)});
    }
  }
}

std::optional<UnitEdit> MessageChecks::inspect(Check check, std::string_view key) {
  if (std::chrono::steady_clock::now() >= deadline_) {
    failure_ = Error{std::string(to_string(check)) +
                     ": the tables need more time for this message than the stage has; make their "
                     "patterns simpler or 'timeout' longer"};
    return std::nullopt;
  }
  Result<UnitEdit> edit = inspection_.inspect(check, checks_.of(check), key);
  if (!edit) {
    failure_ = edit.error();
    return std::nullopt;
  }
  return std::move(*edit);
}

bool MessageChecks::on_header(Check check, std::string_view text, std::size_t begin,
                              std::size_t end) {
  if (inspection_.is_over() || checks_.of(check).empty()) {
    return goes_on();
  }
  const std::optional<UnitEdit> edit = inspect(check, text);
  if (edit && edit->kind != UnitEdit::Kind::keep) {
    const bool is_prepend = edit->kind == UnitEdit::Kind::prepend;
    const std::string lines =
        edit->kind == UnitEdit::Kind::drop ? std::string() : body_lines_of_text(edit->text);
    if (auto replaced = rewrite_->replace(begin, is_prepend ? begin : end, lines); !replaced) {
      failure_ = replaced.error();
    }
  }
  return goes_on();
}

bool MessageChecks::on_body_line(std::string_view text, std::size_t begin, std::size_t end) {
  if (inspection_.is_over() || text.empty()) {
    return goes_on();
  }
  const std::optional<UnitEdit> edit = inspect(Check::body, text);
  if (edit && edit->kind != UnitEdit::Kind::keep) {
    const bool is_prepend = edit->kind == UnitEdit::Kind::prepend;
    std::string line = edit->text;
    if (is_prepend ||
        (edit->kind == UnitEdit::Kind::replace && rewrite_->reaches_line_end(begin, end))) {
      line += "\r\n";
    }
    if (auto replaced = rewrite_->replace(begin, is_prepend ? begin : end, line); !replaced) {
      failure_ = replaced.error();
    }
  }
  return goes_on();
}

void MessageChecks::on_nesting_exceeded(std::string_view text) {
  if (checks_.look_at_headers()) {
    inspection_.exceed_nesting(text);
  }
}

Result<Verdict> MessageChecks::judge(Transaction& transaction) {
  if (!header_seen_) {
    look_at_header(transaction);
  }
  if (checks_.look_at_messages() && goes_on()) {
    deadline_ = transaction.deadline();
    rewrite_.emplace(transaction.body());
    walk_mime(content_types_, transaction.body(), checks_.limits, *this);
  }
  if (failure_) {
    return std::unexpected(*failure_);
  }
  Verdict verdict = inspection_.verdict();
  if (!ends_the_run(verdict.action)) {
    if (const Result<> edited = edit(transaction); !edited) {
      return fail("cannot edit the message as the rules ask: " + edited.error().message);
    }
  }
  return verdict;
}

Result<> MessageChecks::edit(Transaction& transaction) {
  if (Result<> edited = edit_header(transaction); !edited) {
    return edited;
  }
  if (rewrite_ && rewrite_->is_changed()) {
    if (Result<> replaced = transaction.replace_body(rewrite_->finish()); !replaced) {
      return replaced;
    }
  }
  if (!inspection_.redirect().empty()) {
    return redirect_to(transaction, inspection_.redirect());
  }
  for (const std::string& address : inspection_.bcc()) {
    if (Result<> added = add_bcc(transaction, address); !added) {
      return added;
    }
  }
  return {};
}

/// From the last field to the first, since every edit moves those behind it. A field that an
/// earlier stage took out or changed is left alone.
Result<> MessageChecks::edit_header(Transaction& transaction) const {
  std::size_t below = transaction.headers().size();
  for (auto edit = field_edits_.rbegin(); edit != field_edits_.rend(); ++edit) {
    std::size_t index = below;
    while (index > 0 &&
           transaction.headers()[index - 1].text().data() != edit->field.text().data()) {
      --index;
    }
    if (index == 0) {
      continue;
    }
    below = index - 1;
    if (Result<> edited = edit_field(transaction, below, edit->edit); !edited) {
      return edited;
    }
  }
  return {};
}

}  // namespace milterd::header_checks
