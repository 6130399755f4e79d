#pragma once
/// A table from its text, with words for its faults and answers.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "doctest/doctest.h"
#include "plugins/header_checks/table.hpp"

namespace milterd::header_checks {

class TestTable {
 public:
  explicit TestTable(std::string_view text, const Table::Options& options = {}) {
    auto parsed = Table::parse("test", text, options, faults_);
    REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().message));
    table_ = *parsed;
  }

  const Table& operator*() const { return *table_; }
  const Table* operator->() const { return table_.get(); }

  /// "3: text" of each.
  std::vector<std::string> faults() const {
    std::vector<std::string> texts;
    for (const auto& fault : faults_) {
      texts.push_back(std::to_string(fault.line) + ": " + fault.text);
    }
    return texts;
  }

  /// The result of the rule that matches, or "-". A match that fails is an error.
  std::string answer(std::string_view key) const {
    std::vector<LookupFault> faults;
    const auto match = table_->look_up(key, faults);
    CHECK(faults.empty());
    return match ? match->text : "-";
  }

 private:
  std::vector<TableFault> faults_;
  std::shared_ptr<const Table> table_;
};

}  // namespace milterd::header_checks
