#pragma once
/// clamd.conf and clamav-milter.conf as they stand, without their meaning.

#include <string>
#include <string_view>
#include <vector>

#include "milterd/import/clamav_option.hpp"

namespace milterd {

struct ClamavSetting {
  ClamavProgram program = ClamavProgram::clamd;
  const ClamavOption* option = nullptr;  ///< Null for a name that the program does not know.
  std::string name;                      ///< As written.
  std::string value;                     ///< Without blanks and quotes around it.
  std::string place;                     ///< "/etc/clamav/clamd.conf:12"
  /// What the program itself would not start with. "" for none.
  std::string fault;
};

/// Every line that sets something, in order. A line that begins with "#" is a comment, a "#" behind
/// a value belongs to it, as there. `path` is for places.
std::vector<ClamavSetting> parse_clamav_text(std::string_view text, const std::string& path,
                                             ClamavProgram program);

}  // namespace milterd
