#pragma once
/// What the rules have decided about a message, and what Postfix would make of it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"
#include "milterd/verdict.hpp"
#include "plugins/header_checks/action.hpp"
#include "plugins/header_checks/rule_lookup.hpp"
#include "plugins/header_checks/rule_records.hpp"

namespace milterd::header_checks {

/// What is to become of the header field or line that was looked at.
struct UnitEdit {
  enum class Kind : std::uint8_t { keep, drop, replace, prepend };
  Kind kind = Kind::keep;
  std::string text = {};  ///< For replace and prepend.
};

class Inspection {
 public:
  /// `records` gets what happens, and must outlive this.
  explicit Inspection(RuleRecords& records) : records_(records) {}

  /// Asks the tables about one header field or body line and takes note of what the rule decides
  /// for the message. Not to be called any more once is_over(). Error: as find_rule(), or a rule
  /// says FILTER.
  Result<UnitEdit> inspect(Check check, const TableList& tables, std::string_view key);
  /// MIME parts are nested too deep: the message is refused, unless something else refuses it.
  void exceed_nesting(std::string_view content_type);

  /// A rule said REJECT, DISCARD, REDIRECT or PASS: nothing more is looked at.
  bool is_over() const { return over_; }
  /// Nothing but the verdict counts any more.
  bool is_refused() const { return reject_.has_value() || discard_; }

  /// reject, tempfail, discard, quarantine or proceed.
  Verdict verdict() const;
  /// Addresses as envelope_path() makes them; "" if there is no redirect.
  const std::string& redirect() const { return redirect_; }
  const std::vector<std::string>& bcc() const { return bcc_; }
  /// "table:line ACTION" of the rule that decided the message; "" if none did.
  const std::string& deciding_rule() const { return deciding_rule_; }

 private:
  UnitEdit act(RuleMatch match, RuleAction action);
  void decide(const RuleMatch& match);

  RuleRecords& records_;
  bool over_ = false;
  bool discard_ = false;
  bool hold_ = false;
  bool nesting_exceeded_ = false;
  std::optional<Reply> reject_;
  std::string reason_;  ///< Of the refusal or hold.
  std::string redirect_;
  std::vector<std::string> bcc_;
  std::string deciding_rule_;
};

}  // namespace milterd::header_checks
