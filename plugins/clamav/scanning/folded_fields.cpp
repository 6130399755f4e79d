#include "plugins/clamav/scanning/folded_fields.hpp"

#include <cstdint>

namespace milterd::clamav {
namespace {

// Bytes that libclamav looks through: a bit more than a second.
constexpr std::uint64_t most_work = 4'000'000'000;
// Not even lines of one byte can make so much work of less.
constexpr std::size_t least_size = 64 * 1024;

// Of one field; what is beyond is left out.
constexpr std::uint64_t most_field = 64 * 1024;

/// Walks over the lines of a message, and knows which continue a field of a part's header.
class HeaderLines {
 public:
  explicit HeaderLines(std::string_view file) : rest_(file) {}

  /// Empty at the end, else with its end of line.
  std::string_view next() {
    const std::size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end == std::string_view::npos ? end : end + 1);
    rest_.remove_prefix(line.size());
    const bool is_empty = line.find_first_not_of(" \t\r\n") == std::string_view::npos;
    const bool may_be_boundary = line.starts_with("--");
    in_header_ = may_be_boundary || (in_header_ && !is_empty);
    const bool continues =
        in_header_ && !may_be_boundary && (line.front() == ' ' || line.front() == '\t');
    field_ = continues ? field_ + line.size() : 0;
    return line;
  }
  /// Bytes of the continued field, this line included; 0 where the line continues none.
  std::uint64_t field() const { return field_; }

 private:
  std::string_view rest_;
  bool in_header_ = false;  ///< From what may be a boundary to the next empty line.
  std::uint64_t field_ = 0;
};

}  // namespace

bool folds_without_end(std::string_view file) {
  if (file.size() < least_size) {
    return false;
  }
  HeaderLines lines(file);
  std::uint64_t work = 0;
  while (work <= most_work && !lines.next().empty()) {
    work += lines.field();
  }
  return work > most_work;
}

std::string without_long_fields(std::string_view file) {
  HeaderLines lines(file);
  std::string text;
  for (std::string_view line = lines.next(); !line.empty(); line = lines.next()) {
    if (lines.field() <= most_field) {
      text += line;
    }
  }
  return text;
}

}  // namespace milterd::clamav
