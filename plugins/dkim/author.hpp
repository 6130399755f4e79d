#pragma once
/// Who wrote a message, as its From field says.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "milterd/transaction.hpp"
#include "plugins/common/mail_address.hpp"

namespace milterd::dkim {

struct Author {
  std::optional<MailAddress> address;
  /// Why there is no address: no From field, several, one that cannot be read, several addresses.
  std::string fault;
};

/// The one address of the one From field.
Author read_author(std::span<const HeaderField> headers);

/// The same of another field that has addresses.
Author read_sole_address(std::span<const HeaderField> headers, std::string_view name);

}  // namespace milterd::dkim
