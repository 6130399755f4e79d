#include "milterd/config/problem_list.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "milterd/util/utf8.hpp"

namespace milterd {
namespace {

constexpr std::size_t line_number_width = 5;
/// Of a longer line only the part around the fault is shown.
constexpr std::size_t most_columns = 160;
constexpr std::size_t columns_before_fault = 80;

/// The next character of `text`, made harmless; takes it away from `text`.
std::string_view take_shown_character(std::string_view& text) {
  const CodePoint code_point = first_code_point(text);
  const std::size_t size = std::max<std::size_t>(code_point.size, 1);
  const std::string_view character = text.substr(0, size);
  text.remove_prefix(size);
  const bool harmless = code_point.size > 0 && !acts_on_display(code_point.value);
  return harmless || character == "\t" ? character : "?";
}

std::string shown(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view character = take_shown_character(text);
    result += character == "\t" ? " " : character;
  }
  return result;
}

/// The source line and below it the caret, both behind a margin.
std::string excerpt(std::string_view line, SourcePosition position) {
  const std::string number = std::to_string(position.line);
  std::string shown_line =
      std::string(line_number_width - std::min(line_number_width, number.size()), ' ') + number +
      " | ";
  std::string caret_line(shown_line.size() - 2, ' ');
  caret_line += "| ";

  const std::size_t fault = std::max<std::size_t>(position.column, 1) - 1;
  const std::size_t first = fault >= most_columns ? fault - columns_before_fault : 0;
  if (first > 0) {
    shown_line += "...";
    caret_line += "   ";
  }
  std::size_t column = 0;
  for (; !line.empty() && column < first + most_columns; ++column) {
    const std::string_view character = take_shown_character(line);
    if (column < first) {
      continue;
    }
    shown_line += character;
    if (column < fault) {
      // A tab under a tab keeps the caret in place however wide tabs are shown.
      caret_line += character == "\t" ? '\t' : ' ';
    }
  }
  if (!line.empty()) {
    shown_line += "...";
  }
  return shown_line + "\n" + caret_line + "^";
}

std::vector<std::string_view> split_lines(std::string_view source) {
  std::vector<std::string_view> lines;
  while (!source.empty()) {
    const std::size_t end = std::min(source.find('\n'), source.size());
    std::string_view line = source.substr(0, end);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    lines.push_back(line);
    source.remove_prefix(std::min(end + 1, source.size()));
  }
  return lines;
}

}  // namespace

ProblemList::ProblemList(std::string name, std::string_view source)
    : name_(std::move(name)), lines_(split_lines(source)) {}

void ProblemList::add_error(SourcePosition position, std::string_view text) {
  add(position, true, text);
  has_errors_ = true;
}

void ProblemList::add_warning(SourcePosition position, std::string_view text) {
  add(position, false, text);
}

void ProblemList::add(SourcePosition position, bool is_error, std::string_view text) {
  std::string report = shown(name_);
  if (position.line > 0) {
    report += ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
  }
  report += (is_error ? ": error: " : ": warning: ") + shown(text);
  if (position.line > 0) {
    const bool has_line = position.line <= lines_.size();
    report += "\n" + excerpt(has_line ? lines_[position.line - 1] : "", position);
  }
  problems_.emplace(position, Problem{is_error, std::move(report)});
}

std::vector<Problem> ProblemList::sorted() const {
  std::vector<Problem> problems;
  problems.reserve(problems_.size());
  for (const auto& [position, problem] : problems_) {
    problems.push_back(problem);
  }
  return problems;
}

}  // namespace milterd
