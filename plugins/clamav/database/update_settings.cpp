#include "plugins/clamav/database/update_settings.hpp"

#include <array>
#include <string>

namespace milterd::clamav {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::seconds;

UpdateSettings read_update_settings(Section& section) {
  constexpr milliseconds longest_check = days(1);
  constexpr milliseconds greatest_age = days(3650);
  UpdateSettings settings;
  settings.self_check =
      section.duration("self_check", settings.self_check, milliseconds(0), longest_check);
  settings.mode =
      std::array{ReloadMode::automatic, ReloadMode::concurrent, ReloadMode::exclusive}.at(
          section.choice("reload", 0, {"auto", "concurrent", "exclusive"}));
  if (const std::string text = section.string("reload_window", ""); !text.empty()) {
    if (const auto window = ReloadWindow::parse(text)) {
      settings.window = *window;
    } else {
      section.error("reload_window", window.error().message);
    }
  }
  const auto age = [&](const char* key, milliseconds otherwise) {
    return std::chrono::floor<seconds>(
        section.duration(key, otherwise, milliseconds(0), greatest_age));
  };
  settings.warn_if_older_than = age("warn_if_older_than", days(7));
  settings.fail_if_older_than = age("fail_if_older_than", milliseconds(0));
  return settings;
}

}  // namespace milterd::clamav
