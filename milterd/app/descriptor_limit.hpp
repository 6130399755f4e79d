#pragma once
/// How many file descriptors the process may have.

#include <cstdint>

#include "milterd/log.hpp"

namespace milterd {

/// Takes as many as the system allows: the usual soft limit, 1024, is less than 'sessions' needs,
/// and where none is left, connections wait unseen. Warns where even the hard limit is too low for
/// that many `sessions`. Before other threads start.
void raise_descriptor_limit(std::uint64_t sessions, Logger& log);

}  // namespace milterd
