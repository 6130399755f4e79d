#pragma once
/// A received message in the host's own hands, ready for the turn of a stage under test.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milterd/message/transaction_state.hpp"
#include "milterd/stage.hpp"
#include "test/support/captured_log.hpp"

namespace milterd::test {

/// What surrounds the message is set before receive().
class ReceivedTransaction {
 public:
  explicit ReceivedTransaction(std::string client_address = "192.0.2.7") {
    session.client_address = std::move(client_address);
  }
  ~ReceivedTransaction() = default;
  ReceivedTransaction(const ReceivedTransaction&) = delete;
  ReceivedTransaction& operator=(const ReceivedTransaction&) = delete;

  Session session{"1", "mail.example.net", "", "mail.example.net"};
  FixedMacros macros;
  Limits limits;
  std::vector<std::string> stage_names = {"first", "second", "third"};
  Granted granted;
  std::optional<std::chrono::system_clock::time_point> time;  ///< Else the clock's.
  std::chrono::steady_clock::time_point deadline =
      std::chrono::steady_clock::now() + std::chrono::minutes(10);
  CapturedLog log;
  HeaderWatcher* watcher = nullptr;  ///< Is told of every edit of the header.

  /// Takes a message with CRLF lines, byte for byte: names and values that no MTA would let through
  /// as well. The first line that belongs to no field ends the header. `stage` is told of the end
  /// of the header when the host would tell it: before there is a body.
  TransactionState& receive(std::string_view text, StageSession* stage = nullptr) {
    TransactionState& transaction =
        transaction_.emplace(TransactionState::Settings{.session = session,
                                                        .macros = macros,
                                                        .limits = limits,
                                                        .authserv_id = "mx.example.org",
                                                        .stage_names = stage_names,
                                                        .granted = granted,
                                                        .wants_image = true,
                                                        .fixed_time = time,
                                                        .watcher = watcher},
                             Address{"joe@example.net", ""});
    transaction.add_envelope_recipient({"jane@example.org", ""});
    while (const std::size_t size = size_of_field(text)) {
      const std::string_view field = text.substr(0, size);
      const std::size_t colon = field.find(':');
      transaction.receive_header(field.substr(0, colon), field.substr(colon + 1));
      text.remove_prefix(std::min(size + 2, text.size()));
    }
    transaction.header_complete();
    transaction.begin_turn(0, deadline, log);
    if (stage != nullptr) {
      stage->on_header_complete(transaction);
    }
    transaction.receive_body(text.substr(text.starts_with("\r\n") ? 2 : 0));
    transaction.complete();
    transaction.begin_turn(0, deadline, log);
    if (transaction.excess() != Excess::none) {
      std::fputs("the test's message is over a limit of the host\n", stderr);
      std::abort();
    }
    return transaction;
  }

  /// The one received last.
  TransactionState& state() { return *transaction_; }

  /// As it stands now, CRLF lines.
  std::string message() const {
    std::string text;
    for (const std::string& line : header_lines()) {
      text += line + "\r\n";
    }
    return text + "\r\n" + std::string(transaction_->body());
  }
  /// "Name: value" of each field as it is now.
  std::vector<std::string> header_lines() const {
    std::vector<std::string> lines;
    for (const HeaderField& field : transaction_->headers()) {
      lines.emplace_back(field.text());
    }
    return lines;
  }
  /// "key=value"
  std::vector<std::string> notes() const {
    std::vector<std::string> texts;
    for (const auto& [key, value] : transaction_->notes()) {
      texts.push_back(key + "=" + value);
    }
    return texts;
  }

 private:
  /// Of the field that `text` begins with, its folds included, its line end not; 0 if there is
  /// none.
  static std::size_t size_of_field(std::string_view text) {
    std::size_t end = text.find("\r\n");
    if (!text.substr(0, end).contains(':')) {
      return 0;
    }
    while (end < text.size() && text.substr(end + 2).find_first_of(" \t") == 0) {
      end = text.find("\r\n", end + 2);
    }
    return std::min(end, text.size());
  }

  std::optional<TransactionState> transaction_;
};

}  // namespace milterd::test
