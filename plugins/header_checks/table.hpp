#pragma once
/// One pcre table, as Postfix reads it (pcre_table(5)).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"

namespace milterd::header_checks {

/// A fault in a table: Postfix warns of it and skips what it concerns.
struct TableFault {
  std::size_t line = 0;  ///< Where the logical line begins, from 1; 0: the table as a whole.
  std::string text;      ///< Without place: "no closing delimiter; the rule is ignored"
};

struct Match {
  std::size_t rule = 0;  ///< For Table::line_of() and Table::count().
  std::string text;      ///< The rule's result, $n filled in.
};

/// Something went wrong while looking up, and nobody may take it for "no match" without saying so.
struct LookupFault {
  std::size_t line = 0;
  std::string text;
};

/// Immutable but for its counters. Thread-safe.
class Table {
 public:
  /// How keys are matched. A match that passes a limit is no match, with a fault.
  struct Options {
    /// Backtracking steps from one position of the key, or four for each of its bytes where that is
    /// more; Postfix has 10'000'000.
    std::uint32_t match_limit = 1'000'000;
    /// Memory of one match, in KiB.
    std::uint32_t heap_limit = 32 * 1024;
    /// Rules above it are matched without machine code of their own, which takes long to make.
    std::size_t jit_rules = 10'000;
    /// Rules that a key cannot match are left out unseen. The answers are the same.
    bool prefilter = true;
  };

  virtual ~Table() = default;

  /// `specification` is one element of a Postfix parameter: "pcre:/path", "/path", or
  /// "pcre:{ {rule}, {rule} }". Faults of rules go to `faults`, in line order. Error: the table
  /// cannot be read at all, or is of a type that is not supported, with what to do.
  static Result<std::shared_ptr<const Table>> open(std::string_view specification,
                                                   const Options& options,
                                                   std::vector<TableFault>& faults);

  /// The same for a table's text, which is called `name`. Error: too many rules.
  static Result<std::shared_ptr<const Table>> parse(std::string name, std::string_view text,
                                                    const Options& options,
                                                    std::vector<TableFault>& faults);

  /// As Postfix's checks ask a table: look_up(), but an empty key is never found, and the rule that
  /// matches is counted.
  std::optional<Match> find(std::string_view key, std::vector<LookupFault>& faults) const;

  /// The first rule that matches, in file order. A rule whose match fails (limits, bad UTF-8)
  /// counts as not matching, negated or not, and is told in `faults`.
  virtual std::optional<Match> look_up(std::string_view key,
                                       std::vector<LookupFault>& faults) const = 0;

  /// As logs and errors name it: the path, or "inline table".
  virtual const std::string& name() const = 0;
  /// Rules that have a result; "if" and "endif" are none.
  virtual std::size_t rule_count() const = 0;
  virtual std::size_t line_of(std::size_t rule) const = 0;
  /// The result as written, before $n is filled in; for checks of actions at load.
  virtual std::string_view result_of(std::size_t rule) const = 0;
  /// Comments "# expect: KEY => ACTION", with their lines, for --check-config.
  struct Expectation {
    std::size_t line;
    std::string key;
    std::string action;
  };
  virtual std::span<const Expectation> expectations() const = 0;
  /// How often the rule matched since the table was opened.
  virtual std::uint64_t count(std::size_t rule) const = 0;

 private:
  virtual void add_count(std::size_t rule) const = 0;
};

/// The tables of a Postfix parameter, as main.cf has it: separated by commas or blanks, braces keep
/// together, "$$" in an inline table is "$".
std::vector<std::string> split_table_list(std::string_view text);

}  // namespace milterd::header_checks
