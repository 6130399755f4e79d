#pragma once
/// Lists of hosts in the configuration file.

#include <initializer_list>
#include <string_view>

#include "milterd/section.hpp"
#include "plugins/common/host_list.hpp"

namespace milterd {

/// The list at `key`: entries as HostList takes them, and data sets of such entries ("/path",
/// "file:/path", "refile:/path", "csl:a,b"). Faults go to section.error(), with file and line
/// where they stand in a file. Warns of entries that count here and that opendkim would never
/// match, and of those that list everybody.
HostList read_host_list(Section& section, std::string_view key,
                        std::initializer_list<std::string_view> otherwise);

}  // namespace milterd
