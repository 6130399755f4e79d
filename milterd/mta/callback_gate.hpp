#pragma once
/// The way from libmilter's callbacks to our state, and the lock on it at the end.

#include <atomic>
#include <chrono>
#include <cstdint>

#include "milterd/log.hpp"
#include "milterd/mta/connections.hpp"
#include "milterd/mta/pipeline_cell.hpp"
#include "milterd/mta/progress.hpp"

namespace milterd {

/// What all connections share.
struct SharedState {
  SharedState(Logger& process_log, std::chrono::milliseconds progress_interval)
      : log(process_log), progress(progress_interval) {}

  Logger& log;
  PipelineCell pipeline;
  Connections connections;
  Progress progress;
  std::atomic<bool> draining = false;
  std::atomic<std::uint64_t> sessions_begun = 0;
};

/// From now on callbacks find `state`. libmilter passes no pointer of ours to xxfi_negotiate, so
/// there is one for the process.
void open_callback_gate(SharedState& state);
/// From now on callbacks find nothing. True when those under way have ended in time; otherwise the
/// state must live on.
bool close_callback_gate(std::chrono::milliseconds patience);

/// As long as it lives, the state that it found lives too.
class CallbackVisit {
 public:
  CallbackVisit();
  ~CallbackVisit();
  CallbackVisit(const CallbackVisit&) = delete;
  CallbackVisit& operator=(const CallbackVisit&) = delete;
  CallbackVisit(CallbackVisit&&) = delete;
  CallbackVisit& operator=(CallbackVisit&&) = delete;

  SharedState* state() const { return state_; }  ///< Null once the gate is closed.

 private:
  SharedState* state_;
};

}  // namespace milterd
