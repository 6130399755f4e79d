#pragma once
/// A message in the hands of a stage under test: edits act on it and are recorded, as the host does
/// it, without the host.

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milterd/transaction.hpp"
#include "test/support/captured_log.hpp"

namespace milterd::test {

class FakeTransaction final : public Transaction {
 public:
  FakeTransaction() {
    session_facts.id = "1";
    session_facts.client_name = "mail.example.net";
    session_facts.client_address = "192.0.2.7";
    session_facts.helo = "mail.example.net";
    mail_envelope.sender.path = "joe@example.net";
    mail_envelope.recipients = {{"jane@example.org", ""}};
  }

  /// Takes a whole message with CRLF lines, header and body, as its content; forgets the edits.
  void set_message(std::string_view text) {
    fields_.clear();
    texts_.clear();
    records_.clear();
    const std::size_t end = text.starts_with("\r\n") ? 0 : text.find("\r\n\r\n");
    std::string_view header = text.substr(0, end == 0 ? 0 : std::min(end + 2, text.size()));
    const std::size_t body = end == std::string_view::npos ? text.size() : end + (end == 0 ? 2 : 4);
    body_text = std::string(text.substr(body));
    while (!header.empty()) {
      std::size_t line_end = header.find("\r\n");
      while (line_end + 2 < header.size() &&
             (header[line_end + 2] == ' ' || header[line_end + 2] == '\t')) {
        line_end = header.find("\r\n", line_end + 2);
      }
      append_field(std::string(header.substr(0, line_end)));
      header.remove_prefix(std::min(line_end + 2, header.size()));
    }
  }

  /// "Name:value", folds as CRLF; at the end, and no edit.
  void append_field(std::string text) { place(fields_.size(), std::move(text)); }

  /// The message as it stands now, CRLF lines.
  std::string message() const {
    std::string text;
    for (const HeaderField& field : fields_) {
      text += std::string(field.text()) + "\r\n";
    }
    return text + "\r\n" + body_text;
  }

  std::string_view macro(const char* name) const override {
    const auto found = macros.find(name);
    return found == macros.end() ? std::string_view{} : found->second;
  }
  const Session& session() const override { return session_facts; }
  std::string_view queue_id() const override { return "4XyZ"; }
  std::string_view authserv_id() const override { return "mx.example.org"; }
  std::chrono::steady_clock::time_point deadline() const override { return ends; }
  std::chrono::system_clock::time_point now() const override { return time; }
  Logger& log() override { return logger; }
  const Envelope& envelope() const override { return mail_envelope; }
  std::span<const HeaderField> headers() const override { return fields_; }
  std::string_view body() const override { return body_text; }
  std::string_view image() const override {
    image_text = "Received: by milterd\r\n" + message();
    return image_text;
  }

  Result<> add_header(std::string_view name, std::string_view value) override {
    return record({.op = Modification::Op::add_header,
                   .name = std::string(name),
                   .value = std::string(value)},
                  [&] { place(fields_.size(), field_text(name, value)); });
  }
  Result<> insert_header(std::size_t position, std::string_view name,
                         std::string_view value) override {
    const std::size_t visible = position == 0 ? 0 : position - 1;
    return record({.op = Modification::Op::insert_header,
                   .name = std::string(name),
                   .value = std::string(value),
                   .index = position},
                  [&] { place(std::min(visible, fields_.size()), field_text(name, value)); });
  }
  Result<> change_header(std::size_t index, std::string_view value) override {
    if (index >= fields_.size()) {
      return fail("no such field");
    }
    const std::string name(fields_[index].name());
    const std::size_t instance = instance_of(index);
    return record({.op = Modification::Op::change_header,
                   .name = name,
                   .value = std::string(value),
                   .index = instance},
                  [&] { fields_[index] = field(field_text(name, value)); });
  }
  Result<> delete_header(std::size_t index) override {
    if (index >= fields_.size()) {
      return fail("no such field");
    }
    const std::string name(fields_[index].name());
    const std::size_t instance = instance_of(index);
    return record(
        {.op = Modification::Op::delete_header, .name = name, .value = {}, .index = instance},
        [&] { fields_.erase(fields_.begin() + static_cast<std::ptrdiff_t>(index)); });
  }
  Result<> replace_body(std::string crlf_lines) override {
    return record({.op = Modification::Op::replace_body, .name = {}, .value = {}},
                  [&] { body_text = std::move(crlf_lines); });
  }
  Result<> change_sender(Address sender) override {
    return record(
        {.op = Modification::Op::change_sender, .name = sender.path, .value = sender.esmtp_args},
        [&] { mail_envelope.sender = std::move(sender); });
  }
  Result<> add_recipient(Address recipient) override {
    return record({.op = Modification::Op::add_recipient,
                   .name = recipient.path,
                   .value = recipient.esmtp_args},
                  [&] { mail_envelope.recipients.push_back(std::move(recipient)); });
  }
  Result<> delete_recipient(std::string_view path) override {
    return record(
        {.op = Modification::Op::delete_recipient, .name = std::string(path), .value = {}}, [&] {
          std::erase_if(mail_envelope.recipients,
                        [path](const Address& one) { return one.path == path; });
        });
  }
  Result<> quarantine(std::string_view reason) override {
    return record({.op = Modification::Op::quarantine, .name = {}, .value = std::string(reason)},
                  [] {});
  }
  std::span<const Modification> modifications() const override { return records_; }

  void report(AuthResult result) override { results_.push_back(std::move(result)); }
  std::span<const AuthResult> auth_results() const override { return results_; }
  void note(std::string_view key, std::string_view value) override {
    notes.emplace_back(key, value);
  }

  Session session_facts;
  Envelope mail_envelope;
  std::map<std::string, std::string, std::less<>> macros;
  std::string body_text;
  std::chrono::system_clock::time_point time = std::chrono::system_clock::now();
  std::chrono::steady_clock::time_point ends =
      std::chrono::steady_clock::now() + std::chrono::minutes(5);
  CapturedLog logger;
  std::vector<std::pair<std::string, std::string>> notes;
  /// Set: every edit fails with it.
  std::string edit_failure;

 private:
  static std::string field_text(std::string_view name, std::string_view value) {
    const bool has_space = value.starts_with(' ') || value.starts_with('\t');
    return std::string(name) + (has_space ? ":" : ": ") + std::string(value);
  }
  HeaderField field(std::string text) {
    texts_.push_back(std::move(text));
    return {texts_.back(), texts_.back().find(':')};
  }
  void place(std::size_t at, std::string text) {
    fields_.insert(fields_.begin() + static_cast<std::ptrdiff_t>(at), field(std::move(text)));
  }
  std::size_t instance_of(std::size_t index) const {
    std::size_t instance = 0;
    for (std::size_t i = 0; i <= index; ++i) {
      instance += fields_[i].name() == fields_[index].name() ? 1 : 0;
    }
    return instance;
  }
  Result<> record(Modification modification, auto act) {
    if (!edit_failure.empty()) {
      return fail(edit_failure);
    }
    act();
    records_.push_back(std::move(modification));
    return {};
  }

  std::deque<std::string> texts_;  ///< Never moves its elements: fields are views of them.
  std::vector<HeaderField> fields_;
  std::vector<Modification> records_;
  std::vector<AuthResult> results_;
  mutable std::string image_text;
};

}  // namespace milterd::test
