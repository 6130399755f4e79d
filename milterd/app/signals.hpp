#pragma once
/// The signals that milterd lives by.

#include <chrono>
#include <cstdint>

namespace milterd {

enum class SignalOrder : std::uint8_t {
  none,    ///< The time is up.
  reload,  ///< HUP or USR1, however many came.
  stop,    ///< TERM or INT.
};

/// Blocks them in this thread and all that it will start, and ignores PIPE. To be called before the
/// first thread is made; from then on they are only seen by wait_for_signal().
void block_signals();

/// A stop goes before a reload.
SignalOrder wait_for_signal(std::chrono::milliseconds timeout);

}  // namespace milterd
