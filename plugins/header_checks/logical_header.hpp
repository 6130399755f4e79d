#pragma once
/// Header fields as Postfix's tables see them (cleanup(8), header_checks(5)).

#include <cstddef>
#include <string>
#include <string_view>

#include "milterd/transaction.hpp"

namespace milterd::header_checks {

/// Where Postfix cuts; its parameters of the same names.
struct LineLimits {
  std::size_t header_size_limit = 102'400;
  std::size_t line_length_limit = 2'048;
};

/// How many bytes of a line Postfix's SMTP server takes as one record; a line that has as many goes
/// on in another one. `at_start`: the line begins here, so a leading dot was doubled on the wire
/// and counts twice.
std::size_t record_limit(std::string_view rest, bool at_start, std::size_t line_length_limit);

/// The size of the field name if a header field begins here, else 0 (RFC 5322; blanks between name
/// and colon belong to neither).
std::size_t field_name_size(std::string_view line);

/// One field in the making: "Name: value", "\n" between folded lines. What comes after a NUL in a
/// record is lost, and what comes after header_size_limit.
class LogicalHeader {
 public:
  explicit LogicalHeader(std::size_t size_limit) : size_limit_(size_limit) {}

  /// False if no header field begins with this record; nothing is changed then.
  bool begin(std::string_view record);
  void fold(std::string_view record);           ///< A line that begins with a blank.
  void continue_line(std::string_view record);  ///< The rest of a line that was too long.

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }
  void clear() { text_.clear(); }

 private:
  std::size_t size_limit_;
  std::string text_;
};

/// The field as a table key. The view is of the field itself where nothing had to be changed, else
/// of `scratch`.
std::string_view table_key(const HeaderField& field, const LineLimits& limits,
                           std::string& scratch);

/// The key of a field that a stage is about to write; never cut.
std::string table_key(std::string_view name, std::string_view value);

}  // namespace milterd::header_checks
