#pragma once
/// Texts as libmilter takes them: replies that it accepts, header values as the MTA expects them.

#include <string>
#include <string_view>
#include <vector>

#include "milterd/verdict.hpp"

namespace milterd {

/// An SMTP reply that smfi_setreply() and smfi_setmlreply() take as it is.
struct WireReply {
  std::string code;                ///< Three digits.
  std::string enhanced;            ///< "" where there is none.
  std::vector<std::string> lines;  ///< 1..32 lines of 1..980 bytes, '%' doubled.
};

/// Makes `reply` fit for SMTP (RFC 5321 section 4.2: printable US-ASCII) and for libmilter. Control
/// bytes become spaces, bytes beyond ASCII '?', what is too long is cut. A code that does not fit
/// `action` (5xx for reject, else 4xx) is replaced by 550 5.7.1 or 451 4.7.1; an enhanced code of
/// another class is left out.
WireReply wire_reply(Action action, const Reply& reply);

/// A field's value, folds as CRLF and with its leading space, for the MTA: folds as LF, and without
/// the space that the MTA puts in itself where `leading_space` was not agreed on.
std::string wire_value(std::string_view value, bool leading_space);

/// An address in the angle brackets that the protocol wants.
std::string wire_path(std::string_view path);

/// The other way: "<a@b>" as the MTA sends it, without the brackets.
std::string_view bare_path(std::string_view argument);

}  // namespace milterd
