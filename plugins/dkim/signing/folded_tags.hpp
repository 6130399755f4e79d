#pragma once
/// The text of a signature field, tag by tag.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace milterd::dkim {

/// Puts tags together, in lines that end before the margin. What cannot be broken makes a longer
/// line.
class FoldedTags {
 public:
  /// `start` stands in front of the first tag: the field's name and colon.
  explicit FoldedTags(std::string start) : text_(std::move(start)), column_(text_.size()) {}

  /// "; " goes in front of all but the first.
  void add(std::string_view tag);
  /// More of the last tag's value; may go on a new line in front of it.
  void add_to_value(std::string_view part);
  /// Text that may be broken anywhere.
  void add_breakable(std::string_view text);

  const std::string& text() const { return text_; }

 private:
  void append(std::string_view part);
  void new_line();
  void begin_on_new_line_unless_fits(std::size_t size);

  std::string text_;
  std::size_t column_;
  bool first_ = true;
  bool at_line_begin_ = false;
};

}  // namespace milterd::dkim
