#include "plugins/clamav/scanning/excess.hpp"

#include <cstdint>

namespace milterd::clamav {
namespace {

// Bytes that libclamav looks through: a bit more than a second.
constexpr std::uint64_t most_work = 4'000'000'000;
// Not even lines of one byte can make so much work of less.
constexpr std::size_t least_size = 64 * 1024;

// Of one field; what is beyond is left out.
constexpr std::uint64_t most_field = 64 * 1024;

/// "begin 644 name"
bool begins_encoded_file(std::string_view line) {
  constexpr std::string_view word = "begin ";
  constexpr std::size_t mode = 3;
  return line.starts_with(word) &&
         line.find_first_not_of("0123456789", word.size()) == word.size() + mode &&
         line[word.size() + mode] == ' ';
}

/// Walks over the lines of a message, and knows which of them make work.
class Lines {
 public:
  explicit Lines(std::string_view file) : rest_(file) {}

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
    begins_file_ = begins_encoded_file(line);
    files_ += begins_file_ ? 1 : 0;
    return line;
  }
  /// Bytes of the continued field, this line included; 0 where the line continues none.
  std::uint64_t field() const { return field_; }

  bool begins_file() const { return begins_file_; }
  std::uint64_t files() const { return files_; }  ///< That have begun so far.

 private:
  std::string_view rest_;
  bool in_header_ = false;  ///< From what may be a boundary to the next empty line.
  std::uint64_t field_ = 0;
  bool begins_file_ = false;
  std::uint64_t files_ = 0;
};

}  // namespace

Excess find_excess(std::string_view file, std::uint32_t max_files) {
  if (file.size() < least_size) {
    return Excess::none;
  }
  Lines lines(file);
  std::uint64_t work = 0;
  while (!lines.next().empty()) {
    work += lines.field();
    if (work > most_work) {
      return Excess::folded_lines;
    }
    if (lines.files() > max_files) {
      return Excess::encoded_files;
    }
  }
  return Excess::none;
}

std::string without_excess(std::string_view file, std::uint32_t max_files) {
  Lines lines(file);
  std::string text;
  for (std::string_view line = lines.next(); !line.empty(); line = lines.next()) {
    const bool is_excess =
        lines.field() > most_field || (lines.begins_file() && lines.files() > max_files);
    if (!is_excess) {
      text += line;
    }
  }
  return text;
}

}  // namespace milterd::clamav
