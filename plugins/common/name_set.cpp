#include "plugins/common/name_set.hpp"

#include <algorithm>

#include "milterd/ascii.hpp"
#include "plugins/common/data_set.hpp"

namespace milterd {

void NameSet::add(std::string_view name) { names_.insert(to_lower(name)); }

bool NameSet::contains(std::string_view name) const {
  return names_.contains(to_lower(name)) ||
         std::ranges::any_of(patterns_,
                             [name](const NamePattern& pattern) { return pattern.matches(name); });
}

NameSet read_name_set(Section& section, std::string_view key) {
  NameSet names;
  for (const std::string& item : section.strings(key, {})) {
    if (!DataSet::is_specification(item)) {
      names.add(item);
      continue;
    }
    const auto set = DataSet::read(item);
    if (!set) {
      section.error(key, set.error().message);
      continue;
    }
    for (const DataEntry& entry : set->entries) {
      if (set->kind != DataSet::Kind::patterns) {
        names.add(entry.key);
      } else if (auto pattern = NamePattern::compile(entry.key)) {
        names.add(std::move(*pattern));
      } else {
        section.error(key, entry.place + ": " + pattern.error().message);
      }
    }
  }
  return names;
}

}  // namespace milterd
