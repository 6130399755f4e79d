#pragma once
/// What is wrong with a configuration file, shown with the lines it is about.

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/config/config_file.hpp"

namespace milterd {

/// Line and column count from 1, columns in characters. A line of 0 stands for the whole file.
struct SourcePosition {
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  auto operator<=>(const SourcePosition&) const = default;
};

/// Not thread-safe.
class ProblemList {
 public:
  /// `name` is the file's in the texts. `source` outlives the list.
  ProblemList(std::string name, std::string_view source);

  /// `text` is one line; what would act on a terminal is shown as '?'.
  void add_error(SourcePosition position, std::string_view text);
  void add_warning(SourcePosition position, std::string_view text);

  bool has_errors() const { return has_errors_; }
  /// In file order; those of the whole file first.
  std::vector<Problem> sorted() const;

 private:
  void add(SourcePosition position, bool is_error, std::string_view text);

  std::string name_;
  std::vector<std::string_view> lines_;
  std::multimap<SourcePosition, Problem> problems_;
  bool has_errors_ = false;
};

}  // namespace milterd
