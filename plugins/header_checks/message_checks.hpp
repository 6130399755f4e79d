#pragma once
/// header_checks, mime_header_checks, nested_header_checks and body_checks over one message.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"
#include "milterd/verdict.hpp"
#include "plugins/header_checks/body_rewrite.hpp"
#include "plugins/header_checks/checks.hpp"
#include "plugins/header_checks/inspection.hpp"

namespace milterd::header_checks {

/// The header fields are looked at as they were received, before any stage edits them; the body as
/// the stages before this one left it.
class MessageChecks final : private MimeVisitor {
 public:
  /// Both must outlive this.
  MessageChecks(const Checks& checks, RuleRecords& records)
      : checks_(checks), inspection_(records) {}

  /// Once, when the header is complete.
  void look_at_header(const Transaction& transaction);
  /// Looks at the rest and does all that the rules ask for. Error: a table is broken, or the
  /// deadline has passed; then nothing is known of the message.
  Result<Verdict> judge(Transaction& transaction);

  const Inspection& inspection() const { return inspection_; }

 private:
  struct FieldEdit {
    HeaderField field;
    UnitEdit edit;
  };
  std::optional<UnitEdit> inspect(Check check, std::string_view key);
  bool on_header(Check check, std::string_view text, std::size_t begin, std::size_t end) override;
  bool on_body_line(std::string_view text, std::size_t begin, std::size_t end) override;
  void on_nesting_exceeded(std::string_view text) override;
  bool wants_body_lines() const override { return !checks_.body.empty(); }
  bool goes_on() const { return !failure_ && !inspection_.is_refused(); }

  Result<> edit(Transaction& transaction);
  Result<> edit_header(Transaction& transaction) const;

  const Checks& checks_;
  Inspection inspection_;
  std::chrono::steady_clock::time_point deadline_;
  std::optional<Error> failure_;
  bool header_seen_ = false;
  std::vector<HeaderField> content_types_;  ///< As received: what divides the body.
  std::vector<FieldEdit> field_edits_;      ///< In message order.
  std::optional<BodyRewrite> rewrite_;
};

}  // namespace milterd::header_checks
