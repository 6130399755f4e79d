#pragma once
/// From opendkim.conf to milterd.toml.

#include <span>
#include <string>

#include "milterd/import/import_report.hpp"
#include "milterd/import/opendkim_file.hpp"

namespace milterd {

/// What opendkim does by default where milterd would not is written out where others see it, but
/// for what is safer here; the comments say so. `path` is for the first comment.
Imported import_opendkim(std::span<const OpendkimSetting> settings, const std::string& path);

}  // namespace milterd
