#include "milterd/pipeline/turn_log.hpp"

#include <vector>

namespace milterd {

void TurnLog::write(LogLevel level, std::string_view event, std::span<const LogField> fields) {
  if (!parent_.enabled(level)) {
    return;
  }
  std::vector<LogField> all;
  all.reserve(fields.size() + 2);
  const std::string_view queue_id = macros_.macro("i");
  all.push_back(queue_id.empty() ? LogField{"session", session_.id}
                                 : LogField{"queue_id", queue_id});
  if (!stage_.empty()) {
    all.push_back({"stage", stage_});
  }
  all.insert(all.end(), fields.begin(), fields.end());
  parent_.write(level, event, all);
}

}  // namespace milterd
