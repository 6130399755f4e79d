#pragma once
/// One transaction from MAIL FROM to its end: what was received, and what stages made of it.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milterd/config/config.hpp"
#include "milterd/message/body_buffer.hpp"
#include "milterd/message/header_list.hpp"
#include "milterd/message/header_watcher.hpp"
#include "milterd/transaction.hpp"

namespace milterd {

/// The kinds of edits that the MTA agreed to take.
struct Granted {
  bool add_header = true, change_header = true, body = true, sender = true;
  bool add_recipient = true, delete_recipient = true, quarantine = true;
};

/// Which limit of the host a message went over; nothing of it is kept from then on.
enum class Excess : std::uint8_t { none, header, message, recipients, storage };

/// The working copy of the message and the ledger of edits. One invariant: the ledger applied to
/// the received message gives the working copy. Not thread-safe.
class TransactionState final : public Transaction {
 public:
  struct Settings {
    const Session& session;
    const MacroSource& macros;
    const Limits& limits;
    std::string_view authserv_id;
    std::span<const std::string> stage_names = {};
    Granted granted;
    bool wants_image;  ///< Some stage needs image().
    std::optional<std::chrono::system_clock::time_point> fixed_time;
    HeaderWatcher* watcher = nullptr;            ///< Null: nobody is asked.
    const Cancellation* cancellation = nullptr;  ///< Null: never cancelled.
  };
  /// What `settings` refers to must outlive it.
  TransactionState(const Settings& settings, Address sender);

  // Receiving, in the order of SMTP.
  void add_envelope_recipient(Address recipient);
  void receive_header(std::string_view name, std::string_view value);
  void header_complete();
  void receive_body(std::string_view chunk);
  /// The message is complete; the edits may begin.
  void complete();
  Excess excess() const { return excess_; }
  /// Of the storage failure, where excess() is storage.
  const std::string& excess_reason() const { return excess_reason_; }
  std::uint64_t received_size() const { return headers_.size() + 2 + body_received_; }

  // The turn of a stage.
  void begin_turn(std::size_t stage, std::chrono::steady_clock::time_point deadline, Logger& log);
  /// Takes back all that was done since begin_turn(), or begin_inner_turn().
  void roll_back();

  /// A turn within the turn in hand, of a stage that watches the edits of another: edits are its
  /// own until the outer turn goes on. Taken back with the outer turn, or alone with roll_back().
  class OuterTurn;
  OuterTurn begin_inner_turn(std::size_t stage);
  void end_inner_turn(OuterTurn outer);

  // Transaction
  std::string_view macro(const char* name) const override { return settings_.macros.macro(name); }
  const Session& session() const override { return settings_.session; }
  std::string_view queue_id() const override { return macro("i"); }
  std::string_view authserv_id() const override { return settings_.authserv_id; }
  std::chrono::steady_clock::time_point deadline() const override { return deadline_; }
  const Cancellation& cancellation() const override;
  std::chrono::system_clock::time_point now() const override;
  Logger& log() override { return *log_; }
  const Envelope& envelope() const override { return envelope_; }
  std::span<const HeaderField> headers() const override { return headers_.fields(); }
  std::string_view body() const override;
  std::string_view image() const override;
  Result<> add_header(std::string_view name, std::string_view value) override;
  Result<> insert_header(std::size_t position, std::string_view name,
                         std::string_view value) override;
  Result<> change_header(std::size_t index, std::string_view value) override;
  Result<> change_header(std::size_t index, std::string_view name, std::string_view value) override;
  void write_values_exactly() override { headers_.set_exact(true); }
  Result<> delete_header(std::size_t index) override;
  Result<> replace_body(std::string crlf_lines) override;
  Result<> change_sender(Address sender) override;
  Result<> add_recipient(Address recipient) override;
  Result<> delete_recipient(std::string_view path) override;
  Result<> quarantine(std::string_view reason) override;
  std::span<const Modification> modifications() const override { return ledger_; }
  std::string_view stage_name(std::size_t stage) const override;
  void report(AuthResult result) override { auth_results_.push_back(std::move(result)); }
  std::span<const AuthResult> auth_results() const override { return auth_results_; }
  void note(std::string_view key, std::string_view value) override;

  const std::vector<std::pair<std::string, std::string>>& notes() const { return notes_; }
  /// The last body that a stage put in place, for the MTA. Null if there is none.
  const std::string* new_body() const { return new_body_.get(); }

 private:
  /// What a turn may change; the costly parts are kept only once they are changed.
  struct Mark {
    std::size_t modifications = 0, auth_results = 0, notes = 0;
    std::optional<HeaderList::Snapshot> header;
    std::optional<Envelope> envelope;
    std::shared_ptr<const std::string> new_body;
  };
  Result<> may_edit(bool granted, const char* what) const;
  /// Asks the watcher; `name` and `value` are views into `edit` then. False: the edit is dropped.
  bool passes(std::optional<HeaderEdit>& edit, Modification::Op op, std::string_view& name,
              std::string_view& value);
  Result<> write_change(std::size_t index, std::string_view name, std::string_view value);
  Result<> exchange_header(std::size_t index, std::string_view name, std::string_view value);
  void about_to_edit_header();
  void about_to_edit_envelope();
  void record(Modification::Op op, std::string_view name, std::string_view value,
              std::size_t index = 0);
  void exceed(Excess excess, std::string reason = {});

  Settings settings_;
  Envelope envelope_;
  HeaderList headers_;
  BodyBuffer buffer_;
  std::string_view received_;   ///< All of buffer_, once complete.
  std::size_t body_begin_ = 0;  ///< Where the body starts in buffer_: behind the image's header.
  std::uint64_t body_received_ = 0;
  std::shared_ptr<const std::string> new_body_;
  mutable std::string new_image_;  ///< Of the message with new_body_; made when asked for.
  Excess excess_ = Excess::none;
  std::string excess_reason_;
  bool complete_ = false;
  std::vector<Modification> ledger_;
  std::vector<AuthResult> auth_results_;
  std::vector<std::pair<std::string, std::string>> notes_;
  Mark mark_;
  std::size_t stage_ = 0;
  std::chrono::steady_clock::time_point deadline_;
  Logger* log_ = nullptr;
};

class TransactionState::OuterTurn {
  friend class TransactionState;
  Mark mark_;
  std::size_t stage_ = 0;
  bool exact_ = false;
};

}  // namespace milterd
