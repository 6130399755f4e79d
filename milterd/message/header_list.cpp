#include "milterd/message/header_list.hpp"

#include <algorithm>
#include <utility>

#include "milterd/ascii.hpp"

namespace milterd {
namespace {

/// What Postfix keeps of one field (it cuts at 60,000 bytes where milters are on) and what fits
/// into a packet of every milter library.
constexpr std::size_t longest_field = 60'000;

/// RFC 5322 section 2.2: printable ASCII except the colon.
bool is_field_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~' && c != ':'; });
}

/// Appends `value` with folds by LF made CRLF.
void append_folded(std::string& text, std::string_view value) {
  std::size_t begin = 0;
  for (std::size_t at = value.find('\n'); at != std::string_view::npos;
       at = value.find('\n', at + 1)) {
    if (at == 0 || value[at - 1] != '\r') {
      text.append(value.substr(begin, at - begin)).append("\r\n");
      begin = at + 1;
    }
  }
  text.append(value.substr(begin));
}

/// Null if the (CRLF-folded) text can stand in a header as one field.
const char* fault_of(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\0') {
      return "it has a NUL";
    }
    if (c != '\r') {
      continue;
    }
    if (at + 1 >= text.size() || text[at + 1] != '\n') {
      return "it has a bare CR";
    }
    if (at + 2 >= text.size() || (text[at + 2] != ' ' && text[at + 2] != '\t')) {
      return "a line end in it is not followed by a space or tab";
    }
    ++at;
  }
  return nullptr;
}

}  // namespace

void HeaderList::append(std::string_view name, std::string_view value) {
  const std::size_t begin = block_.size();
  block_.append(name).push_back(':');
  append_folded(block_, value);
  received_.push_back({begin, name.size(), block_.size() - begin});
  block_.append("\r\n");
}

void HeaderList::complete() {
  fields_.reserve(received_.size() + 8);
  const std::string_view block = block_;
  for (const Extent& extent : received_) {
    fields_.emplace_back(block.substr(extent.begin, extent.size), extent.name_size);
  }
}

std::optional<std::size_t> HeaderList::find(std::string_view name, std::size_t occurrence) const {
  for (std::size_t index = 0; index < fields_.size(); ++index) {
    if (equal_ignoring_case(fields_[index].name(), name) && --occurrence == 0) {
      return index;
    }
  }
  return std::nullopt;
}

Result<std::size_t> HeaderList::occurrence(std::size_t index) const {
  if (index >= fields_.size()) {
    return fail("there is no header field " + std::to_string(index) + ", only " +
                std::to_string(fields_.size()));
  }
  const std::string_view name = fields_[index].name();
  std::size_t count = 1;
  for (std::size_t before = 0; before < index; ++before) {
    count += equal_ignoring_case(fields_[before].name(), name) ? 1 : 0;
  }
  return count;
}

Result<HeaderField> HeaderList::make(std::string_view name, std::string_view value) {
  if (!is_field_name(name)) {
    return fail("'" + std::string(name.substr(0, 100)) + "' cannot be the name of a header field");
  }
  std::string text;
  text.reserve(name.size() + value.size() + 8);
  text.append(name).push_back(':');
  if (!exact_ && (value.empty() || (value.front() != ' ' && value.front() != '\t'))) {
    text.push_back(' ');
  }
  append_folded(text, value);
  if (const char* fault = fault_of(text)) {
    return fail("the value of '" + std::string(name) + "' cannot stand in a header: " + fault);
  }
  if (text.size() > longest_field) {
    return fail("the field '" + std::string(name) + "' has " + std::to_string(text.size()) +
                " bytes; MTAs cut fields at " + std::to_string(longest_field));
  }
  written_name_size_ = name.size();
  return HeaderField(written_.emplace_back(std::move(text)), name.size());
}

Result<> HeaderList::add(std::string_view name, std::string_view value) {
  auto field = make(name, value);
  if (!field) {
    return std::unexpected(field.error());
  }
  fields_.push_back(*field);
  return {};
}

Result<std::size_t> HeaderList::insert(std::size_t position, std::string_view name,
                                       std::string_view value) {
  auto field = make(name, value);
  if (!field) {
    return std::unexpected(field.error());
  }
  position = std::min(position, fields_.size() + 1);
  const bool above = position <= above_;
  const std::size_t index = above ? position : position - 1;
  fields_.insert(fields_.begin() + static_cast<std::ptrdiff_t>(index), *field);
  above_ += above ? 1 : 0;
  return position;
}

Result<std::size_t> HeaderList::change(std::size_t index, std::string_view value) {
  return change(index, index < fields_.size() ? fields_[index].name() : std::string_view(), value);
}

Result<std::size_t> HeaderList::change(std::size_t index, std::string_view name,
                                       std::string_view value) {
  auto place = occurrence(index);
  if (!place) {
    return place;
  }
  if (!equal_ignoring_case(name, fields_[index].name())) {
    return fail("a change cannot make '" + std::string(fields_[index].name()) + "' another field");
  }
  auto field = make(name, value);
  if (!field) {
    return std::unexpected(field.error());
  }
  fields_[index] = *field;
  return place;
}

Result<std::size_t> HeaderList::erase(std::size_t index) {
  auto place = occurrence(index);
  if (place) {
    fields_.erase(fields_.begin() + static_cast<std::ptrdiff_t>(index));
    above_ -= index < above_ ? 1 : 0;
  }
  return place;
}

void HeaderList::restore(Snapshot snapshot) {
  fields_ = std::move(snapshot.fields);
  above_ = snapshot.above;
}

}  // namespace milterd
