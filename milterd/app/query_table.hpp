#pragma once
/// What a table answers, without mail.

#include "milterd/app/command_line.hpp"

namespace milterd {

/// --query-table: output and exit status as `postmap -q` has them; 66 where the table or standard
/// input cannot be read, 78 where the plugin cannot be had.
int query_table(const CommandLine& command);

}  // namespace milterd
