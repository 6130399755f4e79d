#pragma once
/// milter_header_checks over each header field that a stage puts into the message.

#include <cstddef>
#include <optional>
#include <string>

#include "milterd/stage.hpp"
#include "plugins/header_checks/checks.hpp"
#include "plugins/header_checks/rule_records.hpp"

namespace milterd::header_checks {

class EditChecks {
 public:
  /// Both must outlive this.
  EditChecks(const Checks& checks, RuleRecords& records) : checks_(checks), records_(records) {}

  /// Does what the first rule that matches says. Error: a table is broken, or the envelope cannot
  /// be edited.
  Result<Verdict> check(Transaction& transaction, HeaderEdit& edit);
  /// Redirects again, if a rule did: other stages may have added recipients since.
  Result<> keep_redirected(Transaction& transaction) const;

 private:
  const Checks& checks_;
  RuleRecords& records_;
  /// Nothing of this stage is looked at any more: a rule has refused the message in its turn. The
  /// next stage is looked at, since it comes only if that turn failed and was taken back.
  std::optional<std::size_t> refused_stage_;
  std::string redirect_;
};

}  // namespace milterd::header_checks
