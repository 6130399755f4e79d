#pragma once
/// When, and how, a changed signature database takes the place of the one in force.

#include <chrono>
#include <cstdint>
#include <optional>

#include "milterd/section.hpp"
#include "plugins/clamav/database/reload_window.hpp"

namespace milterd::clamav {

enum class ReloadMode : std::uint8_t {
  automatic,   ///< Concurrent where memory allows it, else exclusive.
  concurrent,  ///< The new engine is made beside the old one: no message waits, memory holds both.
  exclusive,   ///< The old engine is freed first: messages wait until the new one is there.
};

struct UpdateSettings {
  std::chrono::milliseconds self_check{std::chrono::minutes(1)};  ///< 0: changes are only notified.
  ReloadMode mode = ReloadMode::automatic;
  std::optional<ReloadWindow> window = {};    ///< Empty: at any time.
  std::chrono::seconds warn_if_older_than{};  ///< 0: never.
  std::chrono::seconds fail_if_older_than{};  ///< 0: never.
};

/// self_check, reload, reload_window, warn_if_older_than, fail_if_older_than. Faults go to the
/// section.
UpdateSettings read_update_settings(Section& section);

}  // namespace milterd::clamav
