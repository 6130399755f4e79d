#pragma once
/// One mail transaction, as the stage whose turn it is may see and edit it.

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/auth_result.hpp"
#include "milterd/cancellation.hpp"
#include "milterd/log.hpp"
#include "milterd/modification.hpp"
#include "milterd/result.hpp"
#include "milterd/session.hpp"

namespace milterd {

/// One header field: a view of "Name:value" without the last line end. Every byte as received;
/// folds are CRLF followed by white space. Valid until the transaction ends, edits or not.
class HeaderField {
 public:
  constexpr HeaderField(std::string_view text, std::size_t name_size)
      : text_(text), name_size_(name_size) {}

  constexpr std::string_view text() const { return text_; }
  constexpr std::string_view name() const { return text_.substr(0, name_size_); }
  /// Everything after the colon, its leading space included.
  constexpr std::string_view value() const { return text_.substr(name_size_ + 1); }

 private:
  std::string_view text_;
  std::size_t name_size_;
};

struct Address {
  std::string path;        ///< Without <>; "" is the null sender.
  std::string esmtp_args;  ///< "SIZE=1234 BODY=8BITMIME", or "".
};

struct Envelope {
  Address sender;
  std::vector<Address> recipients;  ///< Those that no stage refused.
};

/// The received message plus every edit that was made so far, by this stage and those before it.
///
/// Edits act at once on what is seen here and are recorded for the MTA, which gets them only if the
/// message is not refused. They fail for bad arguments (an empty or impossible name, an index that
/// is not there, NUL, bare CR or LF in the middle of a value) or where the MTA did not grant the
/// kind of edit. What a failing stage edited is taken back by the host.
///
/// Use it only inside the call it was given to.
class Transaction : public MacroSource {
 public:
  virtual const Session& session() const = 0;
  virtual std::string_view queue_id() const = 0;  ///< "" until the MTA has given one.
  /// The name that Authentication-Results of this host carry.
  virtual std::string_view authserv_id() const = 0;
  /// Until when this call may take. A stage that comes back later counts as failed.
  virtual std::chrono::steady_clock::time_point deadline() const = 0;
  /// Long work looks at it now and then, and waits with its token: once it is cancelled, whatever
  /// this call answers is for nobody.
  virtual const Cancellation& cancellation() const = 0;
  /// The time to judge and sign by: now, or what --time says.
  virtual std::chrono::system_clock::time_point now() const = 0;
  /// Carries session=, queue_id= and stage=.
  virtual Logger& log() = 0;

  virtual const Envelope& envelope() const = 0;
  virtual std::span<const HeaderField> headers() const = 0;  ///< Void at the next header edit.
  virtual std::string_view body() const = 0;                 ///< CRLF lines, contiguous.
  /// The whole message in one piece: "Received: by milterd" in front, so that no field of the
  /// sender comes first; the header as received; an empty line; the body as it stands. Contiguous
  /// and, as long as no stage replaced the body, not a copy. Needs::image must be declared.
  virtual std::string_view image() const = 0;

  /// `value` is what follows the colon. Where it does not begin with a space or tab, one space is
  /// put in front. Folds are CRLF or LF followed by a space or tab.
  virtual Result<> add_header(std::string_view name, std::string_view value) = 0;  ///< At the end.
  /// 0: above everything, the MTA's own Received included. n: so that n fields stand above, that
  /// Received counted; past the end: at the end. 1 is the top of headers() as the MTA sent them.
  virtual Result<> insert_header(std::size_t position, std::string_view name,
                                 std::string_view value) = 0;
  /// `index` counts headers() from 0. Of several fields, delete the last one first: each edit moves
  /// the ones behind it.
  virtual Result<> change_header(std::size_t index, std::string_view value) = 0;
  /// The same, and writes the name anew: it may differ in the case of its letters.
  virtual Result<> change_header(std::size_t index, std::string_view name,
                                 std::string_view value) = 0;
  virtual Result<> delete_header(std::size_t index) = 0;
  /// From here to the end of this call no space is put in front of values: for a stage that writes
  /// what another filter gave it.
  virtual void write_values_exactly() = 0;
  virtual Result<> replace_body(std::string crlf_lines) = 0;
  virtual Result<> change_sender(Address sender) = 0;
  virtual Result<> add_recipient(Address recipient) = 0;
  virtual Result<> delete_recipient(std::string_view path) = 0;  ///< Every recipient so spelled.
  virtual Result<> quarantine(std::string_view reason) = 0;
  virtual std::span<const Modification> modifications() const = 0;
  /// Of the stage at Modification::stage.
  virtual std::string_view stage_name(std::size_t stage) const = 0;

  /// For the host's Authentication-Results field, and for later stages to read. Declare
  /// Needs::reports_auth_results.
  virtual void report(AuthResult result) = 0;
  virtual std::span<const AuthResult> auth_results() const = 0;

  /// Adds key=value to the one log line of this message.
  virtual void note(std::string_view key, std::string_view value) = 0;

 protected:
  ~Transaction() = default;
};

}  // namespace milterd
