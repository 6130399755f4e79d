#pragma once
/// The settings of a clamav stage.

#include <string>
#include <vector>

#include "milterd/section.hpp"
#include "plugins/clamav/database/database.hpp"
#include "plugins/clamav/exemptions/exemptions.hpp"
#include "plugins/clamav/policy/policy.hpp"
#include "plugins/clamav/policy/virus_headers.hpp"
#include "plugins/clamav/report/scan_log.hpp"
#include "plugins/clamav/scanning/scan_queue.hpp"

namespace milterd::clamav {

struct ClamavConfig {
  DatabaseSource database;
  UpdateSettings updates;
  Policy policy;
  Exemptions exemptions;
  ScanQueue::Bounds scan_bounds;
  AddHeader add_header = AddHeader::replace;
  std::string report_hostname;  ///< "": the host's own name.
  ScanLogSettings scan_log;
  std::vector<std::string> virus_action;  ///< Program and arguments; empty: none.
};

/// Faults go to the section.
ClamavConfig read_config(Section& section);

}  // namespace milterd::clamav
