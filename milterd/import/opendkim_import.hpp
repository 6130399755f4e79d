#pragma once
/// From opendkim.conf to milterd.toml.

#include <span>
#include <string>
#include <vector>

#include "milterd/import/opendkim_file.hpp"

namespace milterd {

struct OpendkimImport {
  /// A milterd.toml: what became of each option as comments, then the configuration.
  std::string toml;
  /// One line for each option that is refused, unknown or malformed: place, option, why, what to
  /// do.
  std::vector<std::string> faults;
};

/// What opendkim does by default where milterd would not is written out where others see it, but
/// for what is safer here; the comments say so. `path` is for the first comment.
OpendkimImport import_opendkim(std::span<const OpendkimSetting> settings, const std::string& path);

}  // namespace milterd
