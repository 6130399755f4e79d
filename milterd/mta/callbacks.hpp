#pragma once
/// libmilter's events, handed to the session that they belong to.

#include <libmilter/mfapi.h>

namespace milterd {

/// The table for smfi_register(). Its functions work on the state behind the callback gate; while
/// that is closed they answer with a temporary failure.
smfiDesc milter_description();

}  // namespace milterd
