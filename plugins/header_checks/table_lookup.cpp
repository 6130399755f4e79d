#include "plugins/header_checks/table_lookup.hpp"

#include <cstddef>
#include <optional>
#include <utility>

#include "plugins/header_checks/table.hpp"

namespace milterd::header_checks {
namespace {

std::string warning(const std::string& table, std::size_t line, const std::string& text) {
  return table + (line > 0 ? ":" + std::to_string(line) : "") + ": " + text;
}

class PcreLookup final : public LookupTable {
 public:
  explicit PcreLookup(std::shared_ptr<const Table> table) : table_(std::move(table)) {}

  std::optional<std::string> find(std::string_view key,
                                  std::vector<std::string>& warnings) const override {
    std::vector<LookupFault> faults;
    auto match = table_->look_up(key, faults);
    for (const auto& fault : faults) {
      warnings.push_back(warning(table_->name(), fault.line, fault.text));
    }
    if (!match) {
      return std::nullopt;
    }
    if (match->text.empty()) {
      warnings.push_back(warning(table_->name(), table_->line_of(match->rule),
                                 "the result is empty; for mail that is an error of the table"));
    }
    return std::move(match->text);
  }

 private:
  std::shared_ptr<const Table> table_;
};

}  // namespace

Result<std::unique_ptr<LookupTable>> open_lookup_table(std::string_view specification,
                                                       std::vector<std::string>& warnings) {
  std::vector<TableFault> faults;
  auto table = Table::open(specification, Table::Options{}, faults);
  if (!table) {
    return std::unexpected(std::move(table.error()));
  }
  for (const auto& fault : faults) {
    warnings.push_back(warning((*table)->name(), fault.line, fault.text));
  }
  return std::make_unique<PcreLookup>(std::move(*table));
}

}  // namespace milterd::header_checks
