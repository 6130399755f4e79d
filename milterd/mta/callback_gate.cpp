#include "milterd/mta/callback_gate.hpp"

#include <thread>

namespace milterd {
namespace {

/// libmilter's workers are detached and may call us until the process is gone, so this outlives
/// everything: it has no destructor to run.
struct Gate {
  std::atomic<SharedState*> state = nullptr;
  std::atomic<int> inside = 0;
};
constinit Gate gate;

}  // namespace

void open_callback_gate(SharedState& state) { gate.state.store(&state); }

bool close_callback_gate(std::chrono::milliseconds patience) {
  gate.state.store(nullptr);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (gate.inside.load() != 0) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

// First the count, then the look: whoever closes the gate does it the other way round, so that one
// of the two sees the other.
CallbackVisit::CallbackVisit() : state_(nullptr) {
  gate.inside.fetch_add(1);
  state_ = gate.state.load();
}

CallbackVisit::~CallbackVisit() { gate.inside.fetch_sub(1); }

}  // namespace milterd
