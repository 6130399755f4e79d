#pragma once
/// A filter's edits, made in the message as Postfix would make them.

#include <string>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"
#include "plugins/chained_milter/protocol/milter_client.hpp"

namespace milterd::chained_milter {

/// Why one of the edits cannot stand in any message, so that none is to be made. No error: all are
/// sound.
Result<> check_edits(const milter::MessageDecision& message);

/// Makes the edits, in their order, then the new body. With `leading_space` (SMFIP_HDR_LEADSPC) the
/// values bring their own space. Indexes count as Postfix counts them: 0 is 1, a field that is not
/// there is added when changed and let alone when deleted, and so is a recipient. Error: the MTA or
/// a limit of the host does not allow one; what was made then is to be taken back.
Result<> make_edits(Transaction& transaction, milter::MessageDecision&& message,
                    bool leading_space);

/// `value` as the header takes it: line ends CRLF, each followed by a blank (a tab where the filter
/// left it out), and no other CR.
std::string folded_value(std::string_view value);

/// Line ends CRLF, the last line with one.
std::string crlf_lines(std::string&& body);

}  // namespace milterd::chained_milter
