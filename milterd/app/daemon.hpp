#pragma once
/// The milter process, from its start to its stop.

#include "milterd/app/command_line.hpp"

namespace milterd {

/// Returns the exit status: 0 after a stop, 64, 69, 70 or 78 (sysexits.h) with a line on standard
/// error. May end the process itself, with 0, when a callback is stuck at the stop.
int run_daemon(const CommandLine& command);

}  // namespace milterd
