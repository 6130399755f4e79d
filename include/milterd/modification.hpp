#pragma once
/// One recorded edit of a message.

#include <cstddef>
#include <cstdint>
#include <string>

namespace milterd {

struct Modification {
  enum class Op : std::uint8_t {
    add_header,
    insert_header,
    change_header,
    delete_header,
    replace_body,
    change_sender,
    add_recipient,
    delete_recipient,
    quarantine,
  };

  Op op = Op::add_header;
  std::size_t stage = 0;  ///< Position in the pipeline of the stage that made it.
  std::string name;       ///< Field name, or the address without <>.
  std::string value;      ///< Everything after the colon (folds as CRLF), ESMTP arguments, or the
                          ///< reason of a quarantine. The new body is not kept here.
  /// As the milter protocol counts, at the moment the edit was made. change and delete: the n-th
  /// field of that name, from 1. insert: 0 above everything, the MTA's own Received included; n
  /// below the n-th field. Else 0.
  std::size_t index = 0;
};

/// "add_header", ... as reports and logs write them.
constexpr const char* to_string(Modification::Op op) {
  using Op = Modification::Op;
  switch (op) {
    case Op::add_header: return "add_header";
    case Op::insert_header: return "insert_header";
    case Op::change_header: return "change_header";
    case Op::delete_header: return "delete_header";
    case Op::replace_body: return "replace_body";
    case Op::change_sender: return "change_sender";
    case Op::add_recipient: return "add_recipient";
    case Op::delete_recipient: return "delete_recipient";
    case Op::quarantine: return "quarantine";
  }
  return "?";
}

}  // namespace milterd
