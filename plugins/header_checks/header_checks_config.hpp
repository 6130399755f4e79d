#pragma once
/// The settings of a header_checks stage; its tables are read with them.

#include "milterd/stage.hpp"
#include "plugins/header_checks/checks.hpp"
#include "plugins/header_checks/table_reader.hpp"

namespace milterd::header_checks {

struct HeaderChecksConfig {
  Checks checks;
  ActionSet field_actions;  ///< Of rules for the message's own header fields.
  ActionSet body_actions;   ///< Of rules for parts' header fields and for body lines.
  ActionSet edit_actions;   ///< Of milter_header_checks.
};

/// Faults of the configuration and of the tables go to the section.
HeaderChecksConfig read_config(Section& section, Load load);

}  // namespace milterd::header_checks
