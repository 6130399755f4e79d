#pragma once
/// Which header fields a signature covers.

#include <span>
#include <string_view>
#include <vector>

#include "milterd/transaction.hpp"
#include "plugins/dkim/signing/signing_rules.hpp"

namespace milterd::dkim {

/// The longest field name that is signed. A line of a message has 998 bytes at most (RFC 5322
/// section 2.1.1), and a name cannot be folded.
inline constexpr std::size_t longest_signed_name = 200;

/// A field of this name can be named in h=: what stands there is separated by colons, and ended by
/// a semicolon.
bool can_be_signed(std::string_view name);

/// The names in h= (RFC 6376 section 5.4), each as often as fields of it are signed: From first,
/// the others in the order of the rules, then what fits a pattern, then what is oversigned. Of a
/// name that comes very often only the lowest fields are signed, and h= keeps to the size that
/// libopendkim can read. Views into both arguments.
std::vector<std::string_view> names_to_sign(const SigningRules& rules,
                                            std::span<const HeaderField> headers);

}  // namespace milterd::dkim
