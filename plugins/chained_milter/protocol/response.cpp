#include "plugins/chained_milter/protocol/response.hpp"

#include <algorithm>
#include <optional>

#include "milterd/ascii.hpp"
#include "plugins/chained_milter/protocol/quoted.hpp"
#include "plugins/chained_milter/protocol/wire.hpp"
#include "plugins/chained_milter/protocol/wire_fields.hpp"

namespace milterd::milter {
namespace {

using Op = Modification::Op;
using Kind = Response::Kind;

std::optional<Kind> plain_kind(char code) {
  switch (code) {
    case 'c': return Kind::proceed;
    case 'a': return Kind::accept;
    case 'r': return Kind::reject;
    case 't': return Kind::tempfail;
    case 'd': return Kind::discard;
    case 's': return Kind::skip;
    case 'p': return Kind::progress;
    case '4': return Kind::shutdown;
    case 'f': return Kind::conn_fail;
    default: return std::nullopt;
  }
}

/// How the data of an edit are put together.
struct EditForm {
  char code;
  Op op;
  std::uint32_t needs;
  bool index;           ///< A number comes first.
  int strings;          ///< So many follow...
  bool optional_value;  ///< ...of which the last may be missing.
};

constexpr EditForm edit_forms[] = {
    {'+', Op::add_recipient, action::add_recipient, false, 1, false},
    {'2', Op::add_recipient, action::add_recipient_with_arguments, false, 2, true},
    {'-', Op::delete_recipient, action::delete_recipient, false, 1, false},
    {'e', Op::change_sender, action::change_sender, false, 2, true},
    {'h', Op::add_header, action::add_header, false, 2, false},
    {'i', Op::insert_header, action::add_header, true, 2, false},
    {'m', Op::change_header, action::change_header, true, 2, false},
};

std::unexpected<Error> malformed(const Packet& packet) {
  return fail("its packet " + shown_code(packet.code) + " of " +
              std::to_string(packet.data.size()) + " bytes is not in the form of the protocol");
}

Result<Response> read_edit(const EditForm& form, const Packet& packet) {
  Response response{.kind = Kind::edit};
  Edit& edit = response.edit;
  edit.op = form.op;
  edit.needs = form.needs;
  FieldReader fields(packet.data);
  if (form.index) {
    const auto index = fields.u32();
    if (!index) {
      return malformed(packet);
    }
    edit.index = *index;
  }
  const auto name = fields.string();
  if (!name) {
    return malformed(packet);
  }
  edit.name = *name;
  if (form.strings == 2 && !(form.optional_value && fields.at_end())) {
    const auto value = fields.string();
    if (!value) {
      return malformed(packet);
    }
    edit.value = *value;
  }
  if (!fields.at_end()) {
    return malformed(packet);
  }
  if (edit.op == Op::change_header && edit.value.empty()) {
    edit.op = Op::delete_header;
  }
  return response;
}

bool is_digits(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most && std::ranges::all_of(text, is_digit);
}

/// The length of the "5.7.1" that `text` begins with; 0 if there is none.
std::size_t enhanced_size(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  const std::size_t first = word.find('.');
  const std::size_t second = first == std::string_view::npos ? first : word.find('.', first + 1);
  const bool is_code = second != std::string_view::npos && is_digits(word.substr(0, first), 1) &&
                       is_digits(word.substr(first + 1, second - first - 1), 3) &&
                       is_digits(word.substr(second + 1), 3);
  return is_code ? word.size() : 0;
}

/// Without percents, and a CR is no line end.
std::string plain_text(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      plain.push_back(text[at] == '\r' ? ' ' : text[at]);
    } else if (at + 1 < text.size() && text[at + 1] == '%') {
      plain.push_back('%');
      ++at;
    }
  }
  return plain;
}

}  // namespace

Result<Reply> read_reply(std::string_view text) {
  const std::string shown = quoted(text);
  const auto wrong = [&] { return fail("its SMTP reply " + shown + " is none of 4xx or 5xx"); };
  Reply reply;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line = line.substr(0, line.find_last_not_of('\r') + 1);
    if (line.size() < 3 || (line[0] != '4' && line[0] != '5') || !is_digit(line[1]) ||
        !is_digit(line[2]) || (line.size() > 3 && line[3] != ' ' && line[3] != '-')) {
      return wrong();
    }
    const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (reply.code != 0 && code != reply.code) {
      return wrong();
    }
    reply.code = code;
    line.remove_prefix(std::min<std::size_t>(4, line.size()));
    if (const std::size_t size = enhanced_size(line); size > 0) {
      if (line[0] - '0' != code / 100) {
        return wrong();
      }
      reply.enhanced = line.substr(0, size);
      line.remove_prefix(std::min(size + 1, line.size()));
    }
    reply.lines.push_back(plain_text(line));
  }
  return reply.code == 0 ? Result<Reply>(wrong()) : reply;
}

Result<Response> read_response(const Packet& packet) {
  if (const auto kind = plain_kind(packet.code)) {
    return packet.data.empty() ? Result<Response>(Response{.kind = *kind}) : malformed(packet);
  }
  if (packet.code == 'y') {
    auto reply = read_reply(packet.data.substr(0, packet.data.find('\0')));
    if (!reply) {
      return std::unexpected(reply.error());
    }
    return Response{.kind = Kind::reply, .reply = *std::move(reply)};
  }
  if (packet.code == 'b' || packet.code == 'q') {
    const bool body = packet.code == 'b';
    Response response{.kind = Kind::edit};
    response.edit.op = body ? Op::replace_body : Op::quarantine;
    response.edit.needs = body ? action::replace_body : action::quarantine;
    response.edit.value = body ? packet.data : packet.data.substr(0, packet.data.find('\0'));
    return response;
  }
  const auto* const form = std::ranges::find(edit_forms, packet.code, &EditForm::code);
  if (form != std::end(edit_forms)) {
    return read_edit(*form, packet);
  }
  return fail("it sent the unknown packet " + shown_code(packet.code) + " of " +
              std::to_string(packet.data.size()) + " bytes");
}

}  // namespace milterd::milter
