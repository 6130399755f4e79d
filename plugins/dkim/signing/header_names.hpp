#pragma once
/// Lists of header field names in the configuration, as opendkim's SignHeaders and OmitHeaders
/// know them.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/section.hpp"
#include "plugins/common/name_pattern.hpp"

namespace milterd::dkim {

struct HeaderNames {
  std::vector<std::string> names;  ///< In the order of the list, each once whatever its case.
  std::vector<NamePattern> patterns;

  /// One of the names, or what a pattern fits.
  bool contains(std::string_view name) const;
};

/// The list at `key`, by default ["*"], which is `usual`. A list with "*" says how it differs from
/// `usual`: "+Name" and "-Name"; any other list stands in its place. An entry is a name, a pattern
/// ("X-*"), or a data set in opendkim's form ("csl:a,b", "file:/path", "refile:/path") of them.
/// Faults go to section.error(), with file and line for those of a file.
HeaderNames read_header_names(Section& section, std::string_view key,
                              std::span<const std::string_view> usual);

/// The list at `key`, by default `usual`, of names alone: neither patterns nor "*".
std::vector<std::string> read_plain_header_names(Section& section, std::string_view key,
                                                 std::string_view usual);

}  // namespace milterd::dkim
