#pragma once
/// Tries an engine before it gets mail.

#include "milterd/log.hpp"
#include "milterd/result.hpp"
#include "plugins/clamav/database/engine.hpp"

namespace milterd::clamav {

/// Error: the engine calls a harmless message infected, so it would stop all mail. Only warns where
/// it does not find the EICAR test string: a database of the site's own need not know it.
Result<> try_engine(const Engine& engine, Logger& log);

}  // namespace milterd::clamav
