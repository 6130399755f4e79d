#include "milterd/message/transaction_state.hpp"

#include <algorithm>
#include <utility>

namespace milterd {
namespace {

/// Scanners tell mail by its first line, and senders write the first line that filters are shown:
/// the MTA hides its own Received. So the image begins with a line that no sender can choose.
constexpr std::string_view image_front = "Received: by milterd\r\n";

constexpr std::size_t longest_note = 1000;
constexpr std::size_t most_notes = 32;

/// An address or its arguments cannot hold these: they would end a line of the protocol.
bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

TransactionState::TransactionState(const Settings& settings, Address sender)
    : settings_(settings),
      buffer_(settings.limits.message_memory, settings.limits.spool_directory) {
  envelope_.sender = std::move(sender);
}

void TransactionState::exceed(Excess excess, std::string reason) {
  if (excess_ == Excess::none) {
    excess_ = excess;
    excess_reason_ = std::move(reason);
  }
}

void TransactionState::add_envelope_recipient(Address recipient) {
  if (envelope_.recipients.size() >= settings_.limits.recipients) {
    exceed(Excess::recipients);
    return;
  }
  envelope_.recipients.push_back(std::move(recipient));
}

void TransactionState::receive_header(std::string_view name, std::string_view value) {
  if (excess_ != Excess::none) {
    return;
  }
  if (headers_.count() >= settings_.limits.header_count ||
      headers_.size() + name.size() + value.size() + 3 > settings_.limits.header_size) {
    exceed(Excess::header);
    return;
  }
  headers_.append(name, value);
}

void TransactionState::header_complete() {
  headers_.complete();
  if (!settings_.wants_image || excess_ != Excess::none) {
    return;
  }
  const std::string_view header = headers_.received();
  buffer_.reserve(image_front.size() + header.size() + 64UL * 1024);
  for (const std::string_view part : {image_front, header, std::string_view("\r\n")}) {
    if (auto appended = buffer_.append(part); !appended) {
      exceed(Excess::storage, appended.error().message);
      return;
    }
  }
  body_begin_ = buffer_.size();
}

void TransactionState::receive_body(std::string_view chunk) {
  body_received_ += chunk.size();
  if (excess_ != Excess::none) {
    return;
  }
  if (received_size() > settings_.limits.message_size) {
    exceed(Excess::message);
    return;
  }
  if (auto appended = buffer_.append(chunk); !appended) {
    exceed(Excess::storage, appended.error().message);
  }
}

void TransactionState::complete() {
  complete_ = true;
  if (excess_ != Excess::none) {
    return;
  }
  auto view = buffer_.view();
  if (!view) {
    exceed(Excess::storage, view.error().message);
    return;
  }
  received_ = *view;
}

void TransactionState::begin_turn(std::size_t stage, std::chrono::steady_clock::time_point deadline,
                                  Logger& log) {
  stage_ = stage;
  deadline_ = deadline;
  log_ = &log;
  headers_.set_exact(false);
  mark_ = {.modifications = ledger_.size(),
           .auth_results = auth_results_.size(),
           .notes = notes_.size(),
           .header = {},
           .envelope = {},
           .new_body = new_body_};
}

void TransactionState::roll_back() {
  ledger_.resize(mark_.modifications);
  auth_results_.resize(mark_.auth_results);
  notes_.resize(mark_.notes);
  if (mark_.header) {
    headers_.restore(std::move(*mark_.header));
    mark_.header.reset();
  }
  if (mark_.envelope) {
    envelope_ = std::move(*mark_.envelope);
    mark_.envelope.reset();
  }
  if (new_body_ != mark_.new_body) {
    new_body_ = mark_.new_body;
    new_image_.clear();
  }
}

TransactionState::OuterTurn TransactionState::begin_inner_turn(std::size_t stage) {
  OuterTurn outer;
  outer.mark_ = std::move(mark_);
  outer.stage_ = stage_;
  outer.exact_ = headers_.exact();
  begin_turn(stage, deadline_, *log_);
  return outer;
}

void TransactionState::end_inner_turn(OuterTurn outer) {
  // What the inner turn was the first to edit stood until then as the outer turn found it.
  if (!outer.mark_.header) {
    outer.mark_.header = std::move(mark_.header);
  }
  if (!outer.mark_.envelope) {
    outer.mark_.envelope = std::move(mark_.envelope);
  }
  mark_ = std::move(outer.mark_);
  stage_ = outer.stage_;
  headers_.set_exact(outer.exact_);
}

const Cancellation& TransactionState::cancellation() const {
  static const Cancellation never;
  return settings_.cancellation != nullptr ? *settings_.cancellation : never;
}

std::chrono::system_clock::time_point TransactionState::now() const {
  return settings_.fixed_time ? *settings_.fixed_time : std::chrono::system_clock::now();
}

std::string_view TransactionState::body() const {
  return new_body_ ? std::string_view(*new_body_) : received_.substr(body_begin_);
}

std::string_view TransactionState::image() const {
  if (!new_body_) {
    return received_;
  }
  if (new_image_.empty()) {
    new_image_.append(received_.substr(0, body_begin_)).append(*new_body_);
  }
  return new_image_;
}

Result<> TransactionState::may_edit(bool granted, const char* what) const {
  if (!complete_) {
    return fail(std::string("cannot ") + what + " before the message is complete");
  }
  if (!granted) {
    return fail(std::string("cannot ") + what +
                ": the MTA did not allow it; does the stage declare it in needs()?");
  }
  return {};
}

void TransactionState::about_to_edit_header() {
  if (!mark_.header) {
    mark_.header = headers_.snapshot();
  }
}

void TransactionState::about_to_edit_envelope() {
  if (!mark_.envelope) {
    mark_.envelope = envelope_;
  }
}

void TransactionState::record(Modification::Op op, std::string_view name, std::string_view value,
                              std::size_t index) {
  ledger_.push_back({op, stage_, std::string(name), std::string(value), index});
}

bool TransactionState::passes(std::optional<HeaderEdit>& edit, Modification::Op op,
                              std::string_view& name, std::string_view& value) {
  if (settings_.watcher == nullptr) {
    return true;
  }
  edit = HeaderEdit{.op = op,
                    .stage = stage_,
                    .name = std::string(name),
                    .value = std::string(value),
                    .keep = true};
  settings_.watcher->about_to_write(*edit);
  name = edit->name;
  value = edit->value;
  return edit->keep;
}

Result<> TransactionState::add_header(std::string_view name, std::string_view value) {
  if (auto may = may_edit(settings_.granted.add_header, "add a header field"); !may) {
    return may;
  }
  std::optional<HeaderEdit> edit;
  if (!passes(edit, Modification::Op::add_header, name, value)) {
    return {};
  }
  about_to_edit_header();
  auto added = headers_.add(name, value);
  if (added) {
    record(Modification::Op::add_header, name, headers_.fields().back().value());
  }
  return added;
}

Result<> TransactionState::insert_header(std::size_t position, std::string_view name,
                                         std::string_view value) {
  if (auto may = may_edit(settings_.granted.add_header, "insert a header field"); !may) {
    return may;
  }
  std::optional<HeaderEdit> edit;
  if (!passes(edit, Modification::Op::insert_header, name, value)) {
    return {};
  }
  about_to_edit_header();
  const auto inserted = headers_.insert(position, name, value);
  if (!inserted) {
    return std::unexpected(inserted.error());
  }
  record(Modification::Op::insert_header, name, headers_.written().value(), *inserted);
  return {};
}

Result<> TransactionState::change_header(std::size_t index, std::string_view value) {
  const auto fields = headers_.fields();
  return change_header(index, index < fields.size() ? fields[index].name() : std::string_view(),
                       value);
}

Result<> TransactionState::change_header(std::size_t index, std::string_view name,
                                         std::string_view value) {
  if (auto may = may_edit(settings_.granted.change_header, "change a header field"); !may) {
    return may;
  }
  if (settings_.watcher != nullptr && index < headers_.fields().size()) {
    const std::string_view given = name;
    std::optional<HeaderEdit> edit;
    if (!passes(edit, Modification::Op::change_header, name, value)) {
      return {};
    }
    return name == given ? write_change(index, name, value) : exchange_header(index, name, value);
  }
  return write_change(index, name, value);
}

Result<> TransactionState::write_change(std::size_t index, std::string_view name,
                                        std::string_view value) {
  about_to_edit_header();
  const auto changed = headers_.change(index, name, value);
  if (!changed) {
    return std::unexpected(changed.error());
  }
  const HeaderField& field = headers_.fields()[index];
  record(Modification::Op::change_header, field.name(), field.value(), *changed);
  return {};
}

/// The protocol cannot change a field's name.
Result<> TransactionState::exchange_header(std::size_t index, std::string_view name,
                                           std::string_view value) {
  about_to_edit_header();
  const std::size_t position = headers_.position_of(index);
  const std::string_view old_name = headers_.fields()[index].name();
  const auto erased = headers_.erase(index);
  if (!erased) {
    return std::unexpected(erased.error());
  }
  record(Modification::Op::delete_header, old_name, {}, *erased);
  const auto inserted = headers_.insert(position, name, value);
  if (!inserted) {
    return std::unexpected(inserted.error());
  }
  record(Modification::Op::insert_header, name, headers_.written().value(), *inserted);
  return {};
}

Result<> TransactionState::delete_header(std::size_t index) {
  if (auto may = may_edit(settings_.granted.change_header, "delete a header field"); !may) {
    return may;
  }
  about_to_edit_header();
  const std::string_view name =
      index < headers_.fields().size() ? headers_.fields()[index].name() : std::string_view();
  const auto erased = headers_.erase(index);
  if (!erased) {
    return std::unexpected(erased.error());
  }
  record(Modification::Op::delete_header, name, {}, *erased);
  return {};
}

Result<> TransactionState::replace_body(std::string crlf_lines) {
  if (auto may = may_edit(settings_.granted.body, "replace the body"); !may) {
    return may;
  }
  if (crlf_lines.size() > settings_.limits.message_size) {
    return fail("the new body has " + std::to_string(crlf_lines.size()) +
                " bytes, 'message_size' is " + std::to_string(settings_.limits.message_size));
  }
  new_body_ = std::make_shared<const std::string>(std::move(crlf_lines));
  new_image_.clear();
  record(Modification::Op::replace_body, {}, {});
  return {};
}

Result<> TransactionState::change_sender(Address sender) {
  if (auto may = may_edit(settings_.granted.sender, "change the sender"); !may) {
    return may;
  }
  if (!is_one_line(sender.path) || !is_one_line(sender.esmtp_args)) {
    return fail("the new sender has a line end or NUL in it");
  }
  about_to_edit_envelope();
  record(Modification::Op::change_sender, sender.path, sender.esmtp_args);
  envelope_.sender = std::move(sender);
  return {};
}

Result<> TransactionState::add_recipient(Address recipient) {
  if (auto may = may_edit(settings_.granted.add_recipient, "add a recipient"); !may) {
    return may;
  }
  if (recipient.path.empty() || !is_one_line(recipient.path) ||
      !is_one_line(recipient.esmtp_args)) {
    return fail("the new recipient is empty or has a line end or NUL in it");
  }
  if (envelope_.recipients.size() >= settings_.limits.recipients) {
    return fail("the message has " + std::to_string(envelope_.recipients.size()) +
                " recipients already, the limit of 'recipients'");
  }
  about_to_edit_envelope();
  record(Modification::Op::add_recipient, recipient.path, recipient.esmtp_args);
  envelope_.recipients.push_back(std::move(recipient));
  return {};
}

Result<> TransactionState::delete_recipient(std::string_view path) {
  if (auto may = may_edit(settings_.granted.delete_recipient, "delete a recipient"); !may) {
    return may;
  }
  about_to_edit_envelope();
  const auto erased = std::erase_if(envelope_.recipients,
                                    [&](const Address& address) { return address.path == path; });
  if (erased == 0) {
    return fail("there is no recipient <" + std::string(path) + "> to delete");
  }
  record(Modification::Op::delete_recipient, path, {});
  return {};
}

Result<> TransactionState::quarantine(std::string_view reason) {
  if (auto may = may_edit(settings_.granted.quarantine, "quarantine"); !may) {
    return may;
  }
  std::string line(reason.substr(0, longest_note));
  std::ranges::replace_if(line, [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  record(Modification::Op::quarantine, {}, line);
  return {};
}

std::string_view TransactionState::stage_name(std::size_t stage) const {
  return stage < settings_.stage_names.size() ? std::string_view(settings_.stage_names[stage])
                                              : std::string_view("?");
}

void TransactionState::note(std::string_view key, std::string_view value) {
  if (notes_.size() < most_notes) {
    notes_.emplace_back(key, value.substr(0, longest_note));
  }
}

}  // namespace milterd
