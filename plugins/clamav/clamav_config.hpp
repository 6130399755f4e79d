#pragma once
/// The settings of a clamav stage.

#include <cstdint>
#include <string>

#include "milterd/section.hpp"
#include "milterd/verdict.hpp"
#include "plugins/clamav/database/database.hpp"

namespace milterd::clamav {

enum class AddHeader : std::uint8_t { replace, add, no };

struct ClamavConfig {
  DatabaseSource database;
  Action on_infected = Action::reject;
  Action on_fail = Action::tempfail;  ///< There is nothing to scan with, or the scan failed.
  Action on_unscanned = Action::accept;
  std::string reject_message;  ///< A template: see reject_message.hpp.
  AddHeader add_header = AddHeader::replace;
};

/// Faults go to the section.
ClamavConfig read_config(Section& section);

}  // namespace milterd::clamav
