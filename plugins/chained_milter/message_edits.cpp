#include "plugins/chained_milter/message_edits.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/chained_milter/protocol/quoted.hpp"

namespace milterd::chained_milter {
namespace {

using Op = Modification::Op;

/// What the host takes as one field, line ends and the space after the colon included.
constexpr std::size_t longest_field = 59'000;

std::string_view bare_path(std::string_view address) {
  const bool bracketed = address.size() >= 2 && address.front() == '<' && address.back() == '>';
  return bracketed ? address.substr(1, address.size() - 2) : address;
}

bool is_header_edit(Op op) {
  return op == Op::add_header || op == Op::insert_header || op == Op::change_header ||
         op == Op::delete_header;
}

bool is_field_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~' && c != ':'; });
}

bool is_one_line(std::string_view text) { return text.find_first_of("\r\n") == text.npos; }

std::optional<std::size_t> find_field(const Transaction& transaction, std::string_view name,
                                      std::uint32_t occurrence) {
  const auto fields = transaction.headers();
  for (std::size_t index = 0; index < fields.size(); ++index) {
    if (equal_ignoring_case(fields[index].name(), name) && --occurrence == 0) {
      return index;
    }
  }
  return std::nullopt;
}

std::string field_value(const milter::Edit& edit, bool leading_space) {
  return folded_value(leading_space ? edit.value : " " + edit.value);
}

Result<> make_edit(Transaction& transaction, const milter::Edit& edit, bool leading_space) {
  switch (edit.op) {
    case Op::add_header: return transaction.add_header(edit.name, field_value(edit, leading_space));
    case Op::insert_header:
      return transaction.insert_header(edit.index, edit.name, field_value(edit, leading_space));
    case Op::change_header: {
      const auto place = find_field(transaction, edit.name, std::max(edit.index, 1U));
      const std::string value = field_value(edit, leading_space);
      return place ? transaction.change_header(*place, edit.name, value)
                   : transaction.add_header(edit.name, value);
    }
    case Op::delete_header: {
      const auto place = find_field(transaction, edit.name, std::max(edit.index, 1U));
      return place ? transaction.delete_header(*place) : Result<>();
    }
    case Op::change_sender:
      return transaction.change_sender({std::string(bare_path(edit.name)), edit.value});
    case Op::add_recipient:
      return transaction.add_recipient({std::string(bare_path(edit.name)), edit.value});
    case Op::delete_recipient: {
      const std::string_view path = bare_path(edit.name);
      const bool there =
          std::ranges::find(transaction.envelope().recipients, path, &Address::path) !=
          transaction.envelope().recipients.end();
      return there ? transaction.delete_recipient(path) : Result<>();
    }
    case Op::replace_body:
    case Op::quarantine: break;
  }
  return {};
}

}  // namespace

std::string folded_value(std::string_view value) {
  std::string text;
  text.reserve(value.size() + 8);
  for (std::size_t at = 0; at < value.size(); ++at) {
    const char c = value[at];
    const char next = at + 1 < value.size() ? value[at + 1] : '\0';
    if (c == '\n') {
      text.append(is_space(next) ? "\r\n" : "\r\n\t");
    } else if (c != '\r') {
      text.push_back(c);
    } else if (next != '\n') {
      text.push_back(' ');
    }
  }
  return text;
}

std::string crlf_lines(std::string&& body) {
  std::size_t bare = 0;
  for (std::size_t at = body.find('\n'); at != std::string::npos; at = body.find('\n', at + 1)) {
    bare += at == 0 || body[at - 1] != '\r' ? 1 : 0;
  }
  if (bare == 0) {
    if (!body.empty() && body.back() != '\n') {
      body.append("\r\n");
    }
    return std::move(body);
  }
  std::string lines;
  lines.reserve(body.size() + bare + 2);
  for (std::size_t at = 0; at < body.size(); ++at) {
    if (body[at] == '\n' && (at == 0 || body[at - 1] != '\r')) {
      lines.push_back('\r');
    }
    lines.push_back(body[at]);
  }
  if (lines.back() != '\n') {
    lines.append("\r\n");
  }
  return lines;
}

Result<> check_edits(const milter::MessageDecision& message) {
  for (const milter::Edit& edit : message.edits) {
    if (is_header_edit(edit.op)) {
      if (!is_field_name(edit.name)) {
        return fail("it edits the header field " + milter::quoted(edit.name) +
                    ", which is no name");
      }
      if (edit.name.size() + folded_value(edit.value).size() > longest_field) {
        return fail("it writes the header field " + milter::quoted(edit.name) + " with " +
                    std::to_string(edit.value.size()) + " bytes, which is too long");
      }
      continue;
    }
    const bool sender = edit.op == Op::change_sender;
    if (!is_one_line(edit.name) || !is_one_line(edit.value) ||
        (!sender && bare_path(edit.name).empty())) {
      return fail("it edits the address " + milter::quoted(edit.name) + ", which is none");
    }
  }
  return {};
}

Result<> make_edits(Transaction& transaction, milter::MessageDecision&& message,
                    bool leading_space) {
  transaction.write_values_exactly();
  for (const milter::Edit& edit : message.edits) {
    if (auto made = make_edit(transaction, edit, leading_space); !made) {
      return made;
    }
  }
  return message.body ? transaction.replace_body(crlf_lines(*std::move(message.body))) : Result<>();
}

}  // namespace milterd::chained_milter
