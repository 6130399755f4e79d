#pragma once
/// What milterd does without an MTA.

#include "milterd/app/command_line.hpp"

namespace milterd {

/// --check-config, --print-config or --check-message. Returns the exit status.
int run_offline(const CommandLine& command);

}  // namespace milterd
