#pragma once
/// What a filter answers, packet by packet.

#include <cstdint>
#include <string>

#include "milterd/modification.hpp"
#include "milterd/result.hpp"
#include "milterd/verdict.hpp"
#include "plugins/chained_milter/protocol/packet.hpp"

namespace milterd::milter {

/// An edit as the filter asks for it.
struct Edit {
  Modification::Op op = Modification::Op::add_header;
  std::string name;   ///< Field name, or address as sent, perhaps in <>.
  std::string value;  ///< Value as sent, ESMTP arguments, reason of a quarantine, piece of a body.
  std::uint32_t index = 0;  ///< As sent.
  std::uint32_t needs = 0;  ///< The action (SMFIF_*) that has to be agreed on for it.
};

struct Response {
  enum class Kind : std::uint8_t {
    proceed,
    accept,
    reject,
    tempfail,
    discard,
    skip,
    progress,
    reply,      ///< A refusal in the filter's own words: `reply`.
    shutdown,   ///< 421
    conn_fail,  ///< The connection is to count as failed.
    edit,
  };
  Kind kind = Kind::proceed;
  Reply reply = {};
  Edit edit = {};
};

/// Error: no filter may send that, or not in this form.
Result<Response> read_response(const Packet& packet);

/// "550-5.7.1 two\r\n550 5.7.1 lines" as data. "%%" is one '%', a single one is nothing: the text
/// has gone through sendmail's printf.
Result<Reply> read_reply(std::string_view text);

}  // namespace milterd::milter
