/// Tables as an operator may write them, keys as strangers send them. The input is a table's text,
/// a line "=== keys", and keys, one a line.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/header_checks/expectation.hpp"
#include "plugins/header_checks/rfc2047.hpp"
#include "plugins/header_checks/table.hpp"
#include "test/fuzz/fuzz_target.hpp"

namespace {

using namespace milterd::header_checks;
using milterd::fuzz::require;

// Patterns that run away are found soon enough.
constexpr Table::Options fast = {.match_limit = 2'000, .heap_limit = 1024};
constexpr Table::Options plain = {
    .match_limit = 2'000, .heap_limit = 1024, .jit_rules = 0, .prefilter = false};

std::shared_ptr<const Table> parse(std::string_view text, const Table::Options& options) {
  std::vector<TableFault> faults;
  const auto table = Table::parse("fuzz", text, options, faults);
  require(table.has_value(), "a small table can be used, whatever its faults");
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  for (const auto& fault : faults) {
    require(fault.line >= 1 && fault.line <= lines, "a fault names a line of the table");
    require(fault.text.find('\n') == std::string::npos, "a fault is one line");
  }
  for (std::size_t rule = 0; rule < (*table)->rule_count(); ++rule) {
    require((*table)->line_of(rule) <= lines, "a rule stands in the table");
  }
  return *table;
}

void look_up(const Table& table, const Table& reference, std::string_view key) {
  std::vector<LookupFault> faults;
  const auto match = table.look_up(key, faults);
  const auto expected = reference.look_up(key, faults);
  // What passes a limit with machine code need not do so without.
  if (faults.empty()) {
    require(match.has_value() == expected.has_value(), "every way of matching finds the same");
    require(!match || (match->rule == expected->rule && match->text == expected->text),
            "every way of matching answers the same");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view mark = "\n=== keys\n";
  const auto input = milterd::fuzz::text(data, size);
  const auto middle = std::min(input.find(mark), input.size());
  const auto text = input.substr(0, middle);
  auto keys = input.substr(std::min(middle + mark.size(), input.size()));
  const auto table = parse(text, fast);
  const auto reference = parse(text, plain);
  static_cast<void>(check_expectations(*table, true));
  std::vector<TableFault> faults;
  for (const auto& specification : split_table_list("pcre:{" + std::string(text) + "}")) {
    if (!specification.starts_with("pcre:{")) {
      continue;  // It would be the path of any file.
    }
    const auto opened = Table::open(specification, fast, faults);
    require(opened || !opened.error().message.empty(), "an error says something");
  }
  for (bool more = true; more;) {
    const auto end = keys.find('\n');
    more = end != std::string_view::npos;
    const auto key = keys.substr(0, end);
    look_up(*table, *reference, key);
    const auto decoded = decode_header(key);
    require(decoded.size() <= 4 * key.size(), "decoded text is not much longer");
    look_up(*table, *reference, decoded);
    keys.remove_prefix(more ? end + 1 : 0);
  }
  return 0;
}
