#pragma once
/// Mail addresses in header fields (RFC 5322 section 3.4).

#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"

namespace milterd {

struct MailAddress {
  std::string local_part;  ///< Quotes and backslashes removed.
  std::string domain;      ///< Lower case; an address literal keeps its brackets. Never empty.
};

/// The addresses of a From, Sender, To or like field; `value` is what follows the colon, folds
/// included. Understands display names, quoted strings, nested comments, groups, routes and the
/// obsolete dots and blanks that are still met; bytes above 127 count as letters. Error: the first
/// thing that cannot be an address list, so that two readers cannot take it for two senders. An
/// empty group is no address and no error.
Result<std::vector<MailAddress>> parse_address_list(std::string_view value);

}  // namespace milterd
