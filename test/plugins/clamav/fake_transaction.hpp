#pragma once
/// A message with a header that can be edited, and nothing of the host.

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "milterd/transaction.hpp"
#include "recording_log.hpp"

namespace milterd::test {

class FakeTransaction final : public Transaction {
 public:
  /// `mail` is what comes after our own Received field: header, empty line, body, with CRLF.
  explicit FakeTransaction(std::string mail) : mail_(std::move(mail)) {
    image_ = "Received: by milterd\r\n" + mail_;
    std::size_t begin = 0;
    while (true) {
      const std::size_t end = mail_.find("\r\n", begin);
      if (end == std::string::npos || end == begin) {
        break;
      }
      append(mail_.substr(begin, end - begin));
      begin = end + 2;
    }
  }

  std::chrono::steady_clock::time_point until =
      std::chrono::steady_clock::now() + std::chrono::minutes(10);
  std::vector<std::string> notes;  ///< "key=value"
  std::string refused_edit;        ///< An edit of this kind fails: "add", "insert", "delete".
  RecordingLog messages;

  /// "Name: value" of each field as it is now.
  std::vector<std::string> header_lines() const {
    std::vector<std::string> lines;
    for (const HeaderField& field : fields_) {
      lines.emplace_back(field.text());
    }
    return lines;
  }

  std::string_view macro(const char* /*name*/) const override { return ""; }
  const Session& session() const override { return session_; }
  std::string_view queue_id() const override { return "4Yk2"; }
  std::string_view authserv_id() const override { return "mx.example.org"; }
  std::chrono::steady_clock::time_point deadline() const override { return until; }
  std::chrono::system_clock::time_point now() const override {
    return std::chrono::system_clock::now();
  }
  Logger& log() override { return messages; }
  const Envelope& envelope() const override { return envelope_; }
  std::span<const HeaderField> headers() const override { return fields_; }
  std::string_view body() const override { return ""; }
  std::string_view image() const override { return image_; }

  Result<> add_header(std::string_view name, std::string_view value) override {
    if (refused_edit == "add") {
      return fail("no adding here");
    }
    append(std::string(name) + ": " + std::string(value));
    return {};
  }
  Result<> insert_header(std::size_t position, std::string_view name,
                         std::string_view value) override {
    if (refused_edit == "insert") {
      return fail("no inserting here");
    }
    append(std::string(name) + ": " + std::string(value));
    const HeaderField field = fields_.back();
    fields_.pop_back();
    const std::size_t index = std::min(position == 0 ? 0 : position - 1, fields_.size());
    fields_.insert(fields_.begin() + static_cast<std::ptrdiff_t>(index), field);
    return {};
  }
  Result<> change_header(std::size_t /*index*/, std::string_view /*value*/) override {
    return fail("not used by this stage");
  }
  Result<> delete_header(std::size_t index) override {
    if (refused_edit == "delete") {
      return fail("no deleting here");
    }
    fields_.erase(fields_.begin() + static_cast<std::ptrdiff_t>(index));
    return {};
  }
  Result<> replace_body(std::string /*lines*/) override { return fail("not used by this stage"); }
  Result<> change_sender(Address /*sender*/) override { return fail("not used by this stage"); }
  Result<> add_recipient(Address /*recipient*/) override { return fail("not used by this stage"); }
  Result<> delete_recipient(std::string_view /*path*/) override {
    return fail("not used by this stage");
  }
  Result<> quarantine(std::string_view /*reason*/) override {
    return fail("not used by this stage");
  }
  std::span<const Modification> modifications() const override { return {}; }
  void report(AuthResult /*result*/) override {}
  std::span<const AuthResult> auth_results() const override { return {}; }
  void note(std::string_view key, std::string_view value) override {
    notes.push_back(std::string(key) + "=" + std::string(value));
  }

 private:
  void append(std::string line) {
    const std::string& kept = texts_.emplace_back(std::move(line));
    fields_.emplace_back(kept, kept.find(':'));
  }

  std::string mail_;
  std::string image_;
  Session session_;
  Envelope envelope_;
  std::deque<std::string> texts_;
  std::vector<HeaderField> fields_;
};

}  // namespace milterd::test
