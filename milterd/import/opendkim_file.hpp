#pragma once
/// opendkim.conf as it stands, without its meaning.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/import/opendkim_option.hpp"
#include "milterd/result.hpp"

namespace milterd {

struct OpendkimSetting {
  const OpendkimOption* option = nullptr;  ///< Null for a name that opendkim does not know.
  std::string name;                        ///< As written.
  std::string value;                       ///< Without blanks around it; "" where there is none.
  std::string place;                       ///< "/etc/opendkim.conf:12"
  /// What opendkim itself would not start with: no value, an unknown name, an Include that cannot
  /// be read. "" for none.
  std::string fault;
};

/// Every line that sets something, in order, with what is included in its place. Lines are cut at
/// "#" and at a carriage return, as opendkim does. Error: the file itself cannot be read.
Result<std::vector<OpendkimSetting>> read_opendkim_file(const std::string& path);

/// The same for text; `path` is for places. Includes are read.
std::vector<OpendkimSetting> parse_opendkim_text(std::string_view text, const std::string& path);

}  // namespace milterd
