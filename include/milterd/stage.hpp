#pragma once
/// The stage-plugin interface: what a plugin implements.
///
/// A Stage is one [[stage]] table, read once and shared by all threads. It opens a StageSession for
/// each SMTP connection. The host owns order, error policy and the rules for stopping; a stage only
/// judges and edits.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/log.hpp"
#include "milterd/resolver.hpp"
#include "milterd/result.hpp"
#include "milterd/section.hpp"
#include "milterd/session.hpp"
#include "milterd/transaction.hpp"
#include "milterd/value.hpp"
#include "milterd/verdict.hpp"

namespace milterd {

/// The events of a milter conversation, in their order.
enum class Event : std::uint8_t { connect, helo, mail, rcpt, data, header_complete, message };

struct MacroNeed {
  Event event;       ///< Where the MTA is to send it.
  std::string name;  ///< "{auth_authen}"
};

/// What a stage uses; the host asks the MTA for no more. Declare honestly: an undeclared event is
/// not delivered, an undeclared edit may not be granted.
struct Needs {
  /// Events whose on_*() this stage overrides. Each costs a round trip per event; the rest of a
  /// conversation is sent by the MTA without waiting.
  bool connect = false, helo = false, mail = false, rcpt = false, data = false;
  bool header = false;  ///< headers() and on_header_complete()
  bool body = false;    ///< body()
  bool image = false;   ///< image(); implies header and body
  bool edits_header = false, edits_body = false, edits_sender = false, edits_recipients = false;
  bool quarantines = false;
  bool reports_auth_results = false;
  bool end = false;           ///< on_end()
  bool header_edits = false;  ///< on_header_edit()
  std::vector<MacroNeed> macros = {};
};

/// A header field on its way into the message.
struct HeaderEdit {
  Modification::Op op;  ///< add_header, insert_header or change_header
  std::size_t stage;    ///< Whose edit it is; see Transaction::stage_name().
  std::string name;     ///< A change to another name puts that field in the place of the old one.
  std::string value;    ///< Everything after the colon, as the stage gave it.
  bool keep = true;     ///< false: the edit is not made; for a change the old field stays.
};

/// A stage's state for one SMTP connection. Calls never overlap but may come from different
/// threads: keep nothing thread_local. An error, an exception or a missed deadline is settled by
/// the stage's on_error setting, and the edits of that call are taken back.
class StageSession {
 public:
  virtual ~StageSession() = default;  ///< The connection has closed.

  virtual Result<Verdict> on_connect(const Session& /*session*/) { return Verdict{}; }
  virtual Result<Verdict> on_helo(const Session& /*session*/) { return Verdict{}; }
  virtual Result<Verdict> on_mail(Transaction& /*transaction*/) { return Verdict{}; }
  /// `recipient` is not yet in the envelope. A refusal concerns this recipient only.
  virtual Result<Verdict> on_rcpt(Transaction& /*transaction*/, const Address& /*recipient*/) {
    return Verdict{};
  }
  virtual Result<Verdict> on_data(Transaction& /*transaction*/) { return Verdict{}; }
  /// The header is complete as received; the body follows. A chance to start look-ups early: no
  /// verdict, no edits, no waiting. What comes later may still differ: stages before this one edit
  /// the header only when the message is complete.
  virtual void on_header_complete(const Transaction& /*transaction*/) {}
  /// The message is complete, and the stages before this one have edited it.
  virtual Result<Verdict> on_message(Transaction& /*transaction*/) { return Verdict{}; }
  /// A stage, or the host, is about to put a header field into the message. Called inside that
  /// stage's turn, for stages before and after this one alike, whatever this one has answered in
  /// its own turn. May change the edit or drop it, and may edit the envelope; the header only
  /// through `edit`. A verdict counts when the turn is over; if that stage fails, all that came of
  /// its edits is taken back.
  virtual Result<Verdict> on_header_edit(Transaction& /*transaction*/, HeaderEdit& /*edit*/) {
    return Verdict{};
  }
  /// All stages have judged the message and none refused it: the last chance to edit, in the order
  /// of the stages, and to see what the later ones edited. Not called where on_message() of this
  /// stage answered accept or failed. What it answers adds to the verdict of on_message().
  virtual Result<Verdict> on_end(Transaction& /*transaction*/) { return Verdict{}; }
  /// What this stage found out about the message that on_message() judged last; for reports. Asked
  /// only when somebody reads it, before on_transaction_end().
  virtual Value describe() const { return Value::Members{}; }
  /// Exactly once for every transaction this stage saw any event of, however it ended.
  virtual void on_transaction_end() noexcept {}
};

/// const means callable from all threads at once.
class Stage {
 public:
  virtual ~Stage() = default;  ///< The last session that used it has ended.
  virtual Needs needs() const = 0;
  virtual std::unique_ptr<StageSession> open_session() const = 0;
  /// The pipeline with this stage is now in force: swap in what was prepared, start what runs in
  /// the background. Not called when a reload is given up.
  virtual void activate() noexcept {}
  /// True once the stage can do its work; "ready" is said to the service manager then. A stage that
  /// cannot get ready and has said so in the log counts as ready. Asked a few times a second.
  virtual bool ready() const { return true; }
};

enum class Load : std::uint8_t {
  now,  ///< Load all before make_stage() returns; a failure is an error of the configuration.
  background,  ///< First start: costly data may follow after activate(), mail is already coming.
  check,       ///< As now, and look also at what only others can tell, such as DNS: somebody asked
               ///< whether the configuration is right, and no mail waits. Doubts are warnings.
};

struct StageEnv {
  std::string_view name;  ///< Unique in the pipeline.
  Logger& log;  ///< Carries stage=; outlives this stage and those that follow it as `previous`.
  Resolver& resolver;  ///< Outlives the stage.
  Load load;
  /// The stage of the same name and plugin in the pipeline that is in force, to take over costly
  /// parts from; null where there is none. It goes on working beside the new one until its last
  /// session ends.
  std::shared_ptr<const Stage> previous;
};

}  // namespace milterd
