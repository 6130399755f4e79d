#include "plugins/dkim/signing/folded_tags.hpp"

namespace milterd::dkim {

namespace {

constexpr std::size_t line_width = 75;
constexpr std::string_view fold = "\r\n\t";
constexpr std::size_t width_of_tab = 8;

}  // namespace

void FoldedTags::add(std::string_view tag) {
  if (!first_) {
    append(";");
    begin_on_new_line_unless_fits(tag.size() + 2);
    if (!at_line_begin_) {
      append(" ");
    }
  }
  first_ = false;
  append(tag);
}

void FoldedTags::add_to_value(std::string_view part) {
  begin_on_new_line_unless_fits(part.size());
  append(part);
}

void FoldedTags::add_breakable(std::string_view text) {
  while (!text.empty()) {
    if (column_ >= line_width) {
      new_line();
    }
    const std::string_view part = text.substr(0, line_width - column_);
    append(part);
    text.remove_prefix(part.size());
  }
}

void FoldedTags::append(std::string_view part) {
  text_ += part;
  column_ += part.size();
  at_line_begin_ = false;
}

void FoldedTags::new_line() {
  text_ += fold;
  column_ = width_of_tab;
  at_line_begin_ = true;
}

void FoldedTags::begin_on_new_line_unless_fits(std::size_t size) {
  if (column_ + size > line_width) {
    new_line();
  }
}

}  // namespace milterd::dkim
