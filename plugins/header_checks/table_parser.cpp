#include "plugins/header_checks/table_parser.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "plugins/header_checks/logical_lines.hpp"
#include "plugins/header_checks/required_text.hpp"
#include "plugins/header_checks/rule_syntax.hpp"

namespace milterd::header_checks {
namespace {

constexpr std::size_t most_steps = 1'000'000;

class TableParser {
 public:
  TableParser(const Table::Options& options, FaultList& faults)
      : options_(options), faults_(faults) {}

  void add_line(LogicalLine& line) {
    if (const auto nul = line.text.find('\0'); nul != std::string::npos) {
      faults_.add(line.number, "a NUL byte; it and the rest of the line are ignored");
      line.text.resize(nul);
    }
    const auto syntax = parse_rule(line, !open_ifs_.empty(), faults_);
    if (!syntax) {
      return;
    }
    switch (syntax->kind) {
      case RuleSyntax::Kind::match: add_rule(*syntax, line.number); break;
      case RuleSyntax::Kind::begin_if:
        if (add_step(*syntax, line.number, Step::is_if)) {
          open_ifs_.push_back(table_.steps.size() - 1);
        }
        break;
      case RuleSyntax::Kind::end_if:
        table_.gates[open_ifs_.back()].otherwise = next_step();
        open_ifs_.pop_back();
        break;
    }
  }

  std::size_t size() const { return table_.steps.size(); }

  ParsedTable finish() {
    for (const auto open : open_ifs_) {
      faults_.add(table_.steps[open].line,
                  "\"if\" without \"endif\": where it does not hold, the rest of the table is "
                  "skipped");
      table_.gates[open].otherwise = next_step();
    }
    return std::move(table_);
  }

 private:
  std::uint32_t next_step() const { return static_cast<std::uint32_t>(table_.steps.size()); }

  void add_rule(const RuleSyntax& syntax, std::size_t line) {
    auto result = ResultTemplate::parse(syntax.result, line, faults_);
    if (!result) {
      return;
    }
    const auto highest = result->highest_group();
    if (highest > 0 && syntax.negated) {
      faults_.add(line,
                  "a negated rule has no groups to fill into its result; the rule is ignored");
      return;
    }
    if (!add_step(syntax, line, static_cast<std::uint32_t>(table_.rules.size()))) {
      return;
    }
    const auto groups = table_.steps.back().pattern.groups();
    if (highest > groups) {
      faults_.add(line, "the result asks for a group that the pattern does not have: it has " +
                            std::to_string(groups) + "; the rule is ignored");
      table_.steps.pop_back();
      table_.gates.pop_back();
      return;
    }
    table_.rules.push_back({line, std::move(*result)});
  }

  bool add_step(const RuleSyntax& syntax, std::size_t line, std::uint32_t rule) {
    auto pattern = Pattern::compile(syntax.pattern, syntax.options);
    if (!pattern) {
      faults_.add(line, pattern.error().message + (rule == Step::is_if ? "; the \"if\" is ignored"
                                                                       : "; the rule is ignored"));
      return false;
    }
    if (table_.steps.size() < options_.jit_rules) {
      pattern->compile_to_machine_code();
    }
    table_.most_groups = std::max(table_.most_groups, pattern->groups());
    table_.steps.push_back(
        {std::move(*pattern), static_cast<std::uint32_t>(line), rule, syntax.negated});
    // A match that fails is no match even for a negated rule: what it does only the match can tell.
    const auto prefilter = options_.prefilter && !syntax.negated
                               ? Prefilter(required_text(syntax.pattern, syntax.options))
                               : Prefilter();
    table_.gates.push_back({prefilter, next_step()});
    return true;
  }

  const Table::Options& options_;
  FaultList& faults_;
  ParsedTable table_;
  std::vector<std::size_t> open_ifs_;
};

}  // namespace

Result<ParsedTable> parse_table(std::string_view text, const Table::Options& options,
                                FaultList& faults) {
  LogicalLines lines(text);
  TableParser parser(options, faults);
  while (auto line = lines.next(faults)) {
    if (parser.size() == most_steps) {
      return fail("it has more than " + std::to_string(most_steps) + " rules; split it");
    }
    parser.add_line(*line);
  }
  return parser.finish();
}

}  // namespace milterd::header_checks
