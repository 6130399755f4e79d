#pragma once
/// From clamd.conf and clamav-milter.conf to milterd.toml.

#include <optional>
#include <string>
#include <string_view>

#include "milterd/import/import_report.hpp"

namespace milterd {

struct ClamavFile {
  std::string path;  ///< For comments.
  std::string text;
};

/// What the programs do by default where milterd would not is written out, but for what is safer
/// here; the comments say so. Of a file that is not there, nothing is.
Imported import_clamav(const std::optional<ClamavFile>& clamd,
                       const std::optional<ClamavFile>& clamav_milter);

}  // namespace milterd
