#pragma once
/// A rule's text as a header field of the message.

#include <optional>
#include <string>
#include <string_view>

namespace milterd::header_checks {

struct FieldText {
  std::string name;
  std::string value;  ///< Everything after the colon, folds as "\n" and a blank.
};

/// Of "Name: value". As Postfix writes it: lines of a text taken from the header ($1) that do not
/// begin with a blank get a tab, and what no queue file holds is cut. A bare CR becomes a space.
/// Nothing where the text is no header field.
std::optional<FieldText> field_of_text(std::string_view text);

/// The same as lines of a body, each with CRLF.
std::string body_lines_of_text(std::string_view text);

}  // namespace milterd::header_checks
