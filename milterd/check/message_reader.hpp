#pragma once
/// An RFC 5322 message from a file, as Postfix would have shown it to a filter.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace milterd {

struct ReadMessage {
  /// Name and everything after the colon, folds as CRLF.
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;   ///< CRLF lines; the last one is ended too.
  bool crlf = false;  ///< The file had CRLF; what is written from it gets them as well.
};

/// Any bytes are a message: a line that is no header field ends the header. A first line "From ..."
/// of a mailbox is left out. What Postfix 3.7 was seen to do with odd bytes is done here too: a
/// bare CR becomes a space, CRs before a line end go, blanks before the colon of a field go, and a
/// field ends at a NUL.
ReadMessage read_message(std::string_view bytes);

/// The address in a From or To field: what stands in <>, else the first word with an @. "" if there
/// is none. Good enough to make up an envelope, not to judge by.
std::string first_address(std::string_view value);

}  // namespace milterd
