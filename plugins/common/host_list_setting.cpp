#include "plugins/common/host_list_setting.hpp"

#include <string>

#include "plugins/common/data_set.hpp"
#include "plugins/common/host_entry.hpp"

namespace milterd {

HostList read_host_list(Section& section, std::string_view key,
                        std::initializer_list<std::string_view> otherwise) {
  HostList hosts;
  const auto add = [&](std::string_view entry, const std::string& place, bool is_pattern) {
    const auto added = hosts.add(entry);
    if (!added) {
      section.error(key, place + added.error().message);
      return;
    }
    if (const std::string remark = remark_on_host_entry(entry, is_pattern); !remark.empty()) {
      section.warning(key, place + remark);
    }
  };
  for (const std::string& item : section.strings(key, otherwise)) {
    if (!DataSet::is_specification(item)) {
      add(item, "", false);
      continue;
    }
    const auto set = DataSet::read(item);
    if (!set) {
      section.error(key, set.error().message);
      continue;
    }
    for (const DataEntry& entry : set->entries) {
      add(entry.key, entry.place + ": ", set->kind == DataSet::Kind::patterns);
    }
  }
  return hosts;
}

}  // namespace milterd
