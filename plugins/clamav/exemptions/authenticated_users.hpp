#pragma once
/// clamav-milter's SkipAuthenticated: users whose mail is not scanned.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/section.hpp"
#include "plugins/common/posix_regex.hpp"

namespace milterd::clamav {

/// An extended regular expression that may fit any part of the login name, or a list of whole
/// names. Letter case does not matter. Thread-safe.
class AuthenticatedUsers {
 public:
  /// The setting at `key`: an expression, "file:/path" for a file with a name in each line, or ""
  /// for nobody. Faults go to the section.
  static AuthenticatedUsers read(Section& section, std::string_view key);

  bool empty() const { return !regex_ && names_.empty(); }
  bool contains(std::string_view login) const;

 private:
  std::optional<PosixRegex> regex_;
  std::vector<std::string> names_;  ///< Lower case, sorted.
};

}  // namespace milterd::clamav
