#pragma once
/// The field that says which filter saw a message.

#include "milterd/transaction.hpp"

namespace milterd::dkim {

/// Puts "DKIM-Filter: milterd v1.0 mx.example.org QUEUEID" on top, as opendkim does with its own
/// name. Where the host refuses the edit, that is a warning in the log: no message is worth less
/// without it.
void add_software_header(Transaction& transaction);

}  // namespace milterd::dkim
