#pragma once
/// Names to look something up by: domains, addresses, names of daemons.

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milterd/section.hpp"
#include "plugins/common/name_pattern.hpp"

namespace milterd {

/// Letter case does not matter. Thread-safe once filled.
class NameSet {
 public:
  void add(std::string_view name);
  void add(NamePattern pattern) { patterns_.push_back(std::move(pattern)); }
  bool empty() const { return names_.empty() && patterns_.empty(); }
  bool contains(std::string_view name) const;

 private:
  std::set<std::string, std::less<>> names_;  ///< Lower case.
  std::vector<NamePattern> patterns_;
};

/// The list at `key`, each entry a name, or a data set in opendkim's form ("refile:/path",
/// "file:/path", "/path", "csl:a,b") whose keys are the names. Faults go to section.error() with
/// file and line.
NameSet read_name_set(Section& section, std::string_view key);

}  // namespace milterd
