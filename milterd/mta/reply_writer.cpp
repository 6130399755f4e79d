#include "milterd/mta/reply_writer.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <cstddef>
#include <string>
#include <utility>

#include "milterd/mta/wire_text.hpp"

namespace milterd {
namespace {

using Op = Modification::Op;

void set_reply(SMFICTX* context, Action action, const Reply& reply) {
  WireReply wire = wire_reply(action, reply);
  char* enhanced = wire.enhanced.empty() ? nullptr : wire.enhanced.data();
  if (wire.lines.size() == 1) {
    (void)smfi_setreply(context, wire.code.data(), enhanced, wire.lines.front().data());
    return;
  }
  std::array<const char*, 32> l{};
  std::ranges::transform(wire.lines, l.begin(), [](const auto& line) { return line.c_str(); });
  // It takes its lines only as arguments, up to a null; the lines that are missing are null.
  (void)smfi_setmlreply(context, wire.code.c_str(), enhanced, l[0], l[1], l[2], l[3], l[4], l[5],
                        l[6], l[7], l[8], l[9], l[10], l[11], l[12], l[13], l[14], l[15], l[16],
                        l[17], l[18], l[19], l[20], l[21], l[22], l[23], l[24], l[25], l[26], l[27],
                        l[28], l[29], l[30], l[31], static_cast<const char*>(nullptr));
}

bool send_body(SMFICTX* context, const std::string& body) {
  constexpr std::size_t most = 1 << 30;  // A call takes its size as an int.
  std::size_t done = 0;
  do {
    const std::size_t part = std::min(most, body.size() - done);
    // It only reads the bytes, but its parameter is not const.
    auto* bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(body.data() + done));
    if (smfi_replacebody(context, bytes, static_cast<int>(part)) != MI_SUCCESS) {
      return false;
    }
    done += part;
  } while (done < body.size());
  return true;
}

bool send_recipient(SMFICTX* context, const Modification& edit) {
  std::string path = wire_path(edit.name);
  std::string arguments = edit.value;
  return (arguments.empty()
              ? smfi_addrcpt(context, path.data())
              : smfi_addrcpt_par(context, path.data(), arguments.data())) == MI_SUCCESS;
}

bool send_sender(SMFICTX* context, const Modification& edit) {
  std::string path = wire_path(edit.name);
  std::string arguments = edit.value;
  return smfi_chgfrom(context, path.data(), arguments.empty() ? nullptr : arguments.data()) ==
         MI_SUCCESS;
}

/// Index rules: libmilter hands indexes on unchanged, and a Modification already counts as the wire
/// does. In change, an empty value means delete, hence the space.
bool send_header(SMFICTX* context, const Modification& edit, bool leading_space) {
  std::string name = edit.name;
  std::string value = wire_value(edit.value, leading_space);
  const int index = static_cast<int>(std::min<std::size_t>(edit.index, INT_MAX));
  if (edit.op == Op::change_header && value.empty()) {
    value = " ";
  }
  switch (edit.op) {
    case Op::add_header: return smfi_addheader(context, name.data(), value.data()) == MI_SUCCESS;
    case Op::insert_header:
      return smfi_insheader(context, index, name.data(), value.data()) == MI_SUCCESS;
    case Op::change_header:
      return smfi_chgheader(context, name.data(), index, value.data()) == MI_SUCCESS;
    default: return smfi_chgheader(context, name.data(), index, nullptr) == MI_SUCCESS;
  }
}

bool send_quarantine(SMFICTX* context, const Modification& edit) {
  std::string reason = edit.value.empty() ? "held by milterd" : edit.value;
  return smfi_quarantine(context, reason.data()) == MI_SUCCESS;
}

bool send_edit(SMFICTX* context, const Modification& edit, const std::string* new_body,
               bool leading_space) {
  switch (edit.op) {
    case Op::add_header:
    case Op::insert_header:
    case Op::change_header:
    case Op::delete_header: return send_header(context, edit, leading_space);
    case Op::change_sender: return send_sender(context, edit);
    case Op::add_recipient: return send_recipient(context, edit);
    case Op::delete_recipient: {
      std::string path = wire_path(edit.name);
      return smfi_delrcpt(context, path.data()) == MI_SUCCESS;
    }
    case Op::replace_body: return new_body != nullptr && send_body(context, *new_body);
    case Op::quarantine: return send_quarantine(context, edit);
  }
  return false;
}

std::unexpected<Error> not_taken(const Modification& edit) {
  return fail(std::string("the MTA did not take ") + to_string(edit.op) +
              (edit.name.empty() ? "" : " of " + edit.name));
}

}  // namespace

sfsistat write_answer(SMFICTX* context, Action action, const Reply& reply) {
  switch (action) {
    case Action::reject: set_reply(context, action, reply); return SMFIS_REJECT;
    case Action::tempfail: set_reply(context, action, reply); return SMFIS_TEMPFAIL;
    case Action::discard: return SMFIS_DISCARD;
    // Accepting is the MTA's business; other milters may stand behind this one.
    case Action::proceed:
    case Action::accept:
    case Action::quarantine: return SMFIS_CONTINUE;
  }
  return SMFIS_TEMPFAIL;
}

Result<> write_edits(SMFICTX* context, const Outcome& outcome, const std::string* new_body,
                     const Negotiated& negotiated) {
  for (const auto& edit : outcome.modifications) {
    if (!send_edit(context, edit, new_body, negotiated.leading_space)) {
      return not_taken(edit);
    }
  }
  return {};
}

}  // namespace milterd
