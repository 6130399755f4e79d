#include "plugins/header_checks/table.hpp"

#include <atomic>
#include <utility>

#include "plugins/header_checks/expectation.hpp"
#include "plugins/header_checks/fault_list.hpp"
#include "plugins/header_checks/memory_pool.hpp"
#include "plugins/header_checks/table_parser.hpp"
#include "plugins/header_checks/table_source.hpp"

namespace milterd::header_checks {
namespace {

// PCRE2 keeps what a match needed for the next one; long keys may need much.
constexpr std::size_t most_pooled_key = 16 * 1024;
// Fewer steps than this are tried sooner than the key's trigrams are found.
constexpr std::size_t least_filtered = 8;

class PcreTable final : public Table {
 public:
  PcreTable(std::string name, std::string_view text, ParsedTable parsed, const Options& options)
      : name_(std::move(name)),
        expectations_(parse_expectations(text)),
        table_(std::move(parsed)),
        counts_(table_.rules.size()),
        filters_(options.prefilter && table_.steps.size() >= least_filtered),
        pool_(table_.most_groups, options) {}

  std::optional<Match> look_up(std::string_view key,
                               std::vector<LookupFault>& faults) const override {
    auto memory = pool_.take();
    const auto faults_before = faults.size();
    auto match = look_up(key, *memory, faults);
    if (key.size() <= most_pooled_key && faults.size() == faults_before) {
      pool_.give_back(std::move(memory));
    }
    return match;
  }

  const std::string& name() const override { return name_; }
  std::size_t rule_count() const override { return table_.rules.size(); }
  std::size_t line_of(std::size_t rule) const override { return table_.rules.at(rule).line; }
  std::string_view result_of(std::size_t rule) const override {
    return table_.rules.at(rule).result.text();
  }
  std::span<const Expectation> expectations() const override { return expectations_; }
  std::uint64_t count(std::size_t rule) const override {
    return counts_.at(rule).load(std::memory_order_relaxed);
  }

 private:
  void add_count(std::size_t rule) const override {
    counts_.at(rule).fetch_add(1, std::memory_order_relaxed);
  }

  std::optional<Match> look_up(std::string_view key, LookupMemory& memory,
                               std::vector<LookupFault>& faults) const {
    if (filters_) {
      memory.trigrams.assign(key);
    }
    for (std::size_t at = 0; at < table_.steps.size();) {
      const auto& gate = table_.gates[at];
      const bool may_hold = !filters_ || gate.prefilter.may_match(memory.trigrams);
      if (!may_hold || !holds(table_.steps[at], key, memory.match, faults)) {
        at = gate.otherwise;
        continue;
      }
      if (const auto rule = table_.steps[at].rule; rule != Step::is_if) {
        return Match{rule, table_.rules[rule].result.expand(key, memory.match.offsets())};
      }
      ++at;
    }
    return std::nullopt;
  }

  static bool holds(const Step& step, std::string_view key, MatchMemory& memory,
                    std::vector<LookupFault>& faults) {
    int error = 0;
    switch (step.pattern.match(key, memory, error)) {
      case Pattern::Outcome::match: return !step.negated;
      case Pattern::Outcome::no_match: return step.negated;
      case Pattern::Outcome::failed: break;
    }
    faults.push_back({step.line, "matching failed and counts as no match: " +
                                     pcre_error_text(error) + "; simplify the pattern"});
    return false;
  }

  std::string name_;
  std::vector<Expectation> expectations_;
  ParsedTable table_;
  mutable std::vector<std::atomic<std::uint64_t>> counts_;
  bool filters_;
  mutable MemoryPool pool_;
};

}  // namespace

Result<std::shared_ptr<const Table>> Table::open(std::string_view specification,
                                                 const Options& options,
                                                 std::vector<TableFault>& faults) {
  auto source = read_table_source(specification);
  if (!source) {
    return std::unexpected(std::move(source.error()));
  }
  return parse(std::move(source->name), source->text, options, faults);
}

Result<std::shared_ptr<const Table>> Table::parse(std::string name, std::string_view text,
                                                  const Options& options,
                                                  std::vector<TableFault>& faults) {
  FaultList list(faults);
  auto parsed = parse_table(text, options, list);
  list.finish();
  if (!parsed) {
    return fail("cannot use table '" + name + "': " + parsed.error().message);
  }
  return std::make_shared<const PcreTable>(std::move(name), text, std::move(*parsed), options);
}

std::optional<Match> Table::find(std::string_view key, std::vector<LookupFault>& faults) const {
  if (key.empty()) {
    return std::nullopt;
  }
  auto match = look_up(key, faults);
  if (match) {
    add_count(match->rule);
  }
  return match;
}

}  // namespace milterd::header_checks
