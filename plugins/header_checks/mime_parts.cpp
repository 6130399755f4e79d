#include "plugins/header_checks/mime_parts.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "milterd/ascii.hpp"
#include "plugins/header_checks/content_type.hpp"

namespace milterd::header_checks {
namespace {

/// A line, or a piece of one that is too long.
struct Record {
  std::string_view text;
  std::size_t begin, end;
  bool goes_on;  ///< The next record belongs to the same line.
};

class Walk {
 public:
  Walk(const MimeLimits& limits, MimeVisitor& visitor)
      : limits_(limits),
        visitor_(visitor),
        wants_body_lines_(visitor.wants_body_lines()),
        header_(limits.lines.header_size_limit) {}

  void run(std::span<const HeaderField> header, std::string_view body);

 private:
  enum class State : std::uint8_t { part_header, nested_header, body };
  struct Boundary {
    std::string text;
    MediaType default_media;
  };

  void take_line(std::string_view body, std::size_t begin, std::size_t text_end, std::size_t end);
  void take(const Record& record);
  bool take_header(const Record& record);
  void finish_header();
  void end_header_block(bool by_empty_line);
  void read_content_type_of(std::string_view header);
  void look_for_boundary(std::string_view line);
  void put_body_line(const Record& record);
  bool is_out_of_range() const {
    return limits_.body_checks_size_limit != 0 && body_offset_ >= limits_.body_checks_size_limit;
  }
  /// Nothing can come any more that the visitor wants to see.
  bool is_done() const {
    return stopped_ || (state_ == State::body && boundaries_.empty() &&
                        (!wants_body_lines_ || is_out_of_range()));
  }

  const MimeLimits& limits_;
  MimeVisitor& visitor_;
  bool wants_body_lines_;
  State state_ = State::body;
  MediaType media_ = MediaType::leaf;
  LogicalHeader header_;
  std::size_t header_begin_ = 0, header_end_ = 0;
  bool last_goes_on_ = false;
  std::size_t body_offset_ = 0;  ///< As Postfix counts it: since the last change to a body.
  std::vector<Boundary> boundaries_;
  bool nesting_exceeded_ = false;
  bool stopped_ = false;
};

void Walk::run(std::span<const HeaderField> header, std::string_view body) {
  std::string scratch;
  for (const HeaderField& field : header) {
    std::string_view name = field.name();
    while (!name.empty() && is_space(name.back())) {
      name.remove_suffix(1);
    }
    if (equal_ignoring_case(name, "content-type")) {
      read_content_type_of(table_key(field, limits_.lines, scratch));
    }
  }
  end_header_block(true);
  // The empty line behind the header counts as the body's first.
  body_offset_ = 1;
  for (std::size_t begin = 0; begin < body.size() && !is_done();) {
    const std::size_t found = body.find("\r\n", begin);
    const std::size_t text_end = std::min(found, body.size());
    const std::size_t end = std::min(text_end + 2, body.size());
    take_line(body, begin, text_end, end);
    begin = end;
  }
  if (!stopped_ && !header_.empty()) {
    finish_header();
  }
}

void Walk::take_line(std::string_view body, std::size_t begin, std::size_t text_end,
                     std::size_t end) {
  std::size_t at = begin;
  while (!stopped_) {
    const std::string_view rest = body.substr(at, text_end - at);
    const std::size_t most = record_limit(rest, at == begin, limits_.lines.line_length_limit);
    const bool goes_on = rest.size() >= most;
    const std::string_view text = rest.substr(0, most);
    take({text, at, goes_on ? at + text.size() : end, goes_on});
    if (!goes_on) {
      return;
    }
    at += text.size();
  }
}

void Walk::take(const Record& record) {
  if (state_ == State::body || !take_header(record)) {
    if (stopped_) {
      return;
    }
    if (!boundaries_.empty() && !last_goes_on_) {
      look_for_boundary(record.text);
    }
    put_body_line(record);
  }
  last_goes_on_ = record.goes_on;
}

/// False if the record is no part of a header, which ends here then.
bool Walk::take_header(const Record& record) {
  if (!header_.empty()) {
    const bool is_fold = !record.text.empty() && is_space(record.text.front());
    if (last_goes_on_ || is_fold) {
      last_goes_on_ ? header_.continue_line(record.text) : header_.fold(record.text);
      header_end_ = record.end;
      return true;
    }
    finish_header();
    last_goes_on_ = false;
  }
  if (header_.begin(record.text)) {
    header_begin_ = record.begin;
    header_end_ = record.end;
    return true;
  }
  end_header_block(record.text.empty());
  return false;
}

void Walk::finish_header() {
  const std::string& text = header_.text();
  const std::string_view name = std::string_view(text).substr(0, text.find(':'));
  if (equal_ignoring_case(name, "content-type")) {
    read_content_type_of(text);
  }
  const Check check = check_of_field(
      name, state_ == State::nested_header ? Check::nested_header : Check::mime_header);
  stopped_ = !visitor_.on_header(check, text, header_begin_, header_end_);
  header_.clear();
}

void Walk::end_header_block(bool by_empty_line) {
  const bool is_message = by_empty_line && media_ == MediaType::message;
  state_ = is_message ? State::nested_header : State::body;
  media_ = MediaType::leaf;
  body_offset_ = 0;
}

void Walk::read_content_type_of(std::string_view header) {
  ContentType content = read_content_type(header.substr(header.find(':') + 1));
  media_ = content.media.value_or(media_);
  for (std::string& boundary : content.boundaries) {
    // Postfix's level counts from -1 and is compared before it grows.
    if (boundaries_.size() > limits_.mime_nesting_limit + 1) {
      if (!nesting_exceeded_) {
        visitor_.on_nesting_exceeded(header);
      }
      nesting_exceeded_ = true;
      return;
    }
    boundary.resize(std::min(boundary.size(), limits_.mime_boundary_length_limit));
    boundaries_.push_back(
        {std::move(boundary), content.digest ? MediaType::message : MediaType::leaf});
  }
}

/// What follows the boundary on its line does not matter: our copy may be cut.
void Walk::look_for_boundary(std::string_view line) {
  if (line.size() <= 2 || !line.starts_with("--")) {
    return;
  }
  line.remove_prefix(2);
  const auto found =
      std::find_if(boundaries_.rbegin(), boundaries_.rend(),
                   [&](const Boundary& boundary) { return line.starts_with(boundary.text); });
  if (found == boundaries_.rend()) {
    return;
  }
  boundaries_.erase(found.base(), boundaries_.end());
  if (line.substr(boundaries_.back().text.size()).starts_with("--")) {
    boundaries_.pop_back();
    state_ = State::body;
    media_ = MediaType::leaf;
    body_offset_ = 0;
  } else {
    state_ = State::part_header;
    media_ = boundaries_.back().default_media;
  }
}

void Walk::put_body_line(const Record& record) {
  if (wants_body_lines_ && !is_out_of_range()) {
    // Postfix looks a line up as a C string.
    const std::string_view text = record.text.substr(0, record.text.find('\0'));
    stopped_ = !visitor_.on_body_line(text, record.begin, record.end);
  }
  body_offset_ += record.text.size() + 1;
}

}  // namespace

Check check_of_field(std::string_view name, Check otherwise) {
  static constexpr std::array<std::string_view, 6> mime_fields = {
      "mime-version",        "content-type", "content-transfer-encoding",
      "content-description", "content-id",   "content-disposition"};
  const bool is_mime = std::ranges::any_of(
      mime_fields, [&](std::string_view field) { return equal_ignoring_case(name, field); });
  return is_mime ? Check::mime_header : otherwise;
}

void walk_mime(std::span<const HeaderField> header, std::string_view body, const MimeLimits& limits,
               MimeVisitor& visitor) {
  Walk(limits, visitor).run(header, body);
}

}  // namespace milterd::header_checks
