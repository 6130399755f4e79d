#pragma once
/// What a configuration file's problems look like to the user.

#include <string>

#include "milterd/config/config_file.hpp"

namespace milterd {

/// Each with a newline at its end.
inline std::string problems_text(const ConfigFile& file) {
  std::string text;
  for (const Problem& problem : file.problems()) {
    text += problem.text + "\n";
  }
  return text;
}

}  // namespace milterd
