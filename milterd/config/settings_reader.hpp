#pragma once
/// The settings of milterd itself: their keys, defaults and ranges.

#include <optional>
#include <set>
#include <string>

#include "milterd/config/config.hpp"

namespace milterd {

/// Each reads one table; faults go to `section`, whose value is the default then.
MilterSettings read_milter_settings(Section& section);
Limits read_limits(Section& section);
DnsSettings read_dns_settings(Section& section);
LogSettings read_log_settings(Section& section);

/// The keys that every [[stage]] has. `names` are those of the stages before; this one's is added.
/// Nothing where the table does not say which plugin it is for.
std::optional<StageSettings> read_stage_settings(Section& section, std::set<std::string>& names);

}  // namespace milterd
