#include "milterd/mta/libmilter_log.hpp"

#include <algorithm>
#include <array>
#include <mutex>

namespace milterd {
namespace {

/// For the whole process, since syslog() is; so it has no destructor to run either. The lock is
/// held while writing, so that whoever takes the log back knows it to be out of use.
struct Target {
  std::mutex mutex;
  Logger* log = nullptr;
};
constinit Target target;

/// What a peer alone can cause, by bytes or by leaving. "claimed not to reply" is our own doing,
/// see on_body() in callbacks.cpp.
bool concerns_only_a_peer(std::string_view text) {
  constexpr std::array<std::string_view, 5> signs = {
      "mi_rd_cmd", "st_optionneg", "connect[", "claimed not to reply", "private data not NULL"};
  return std::ranges::any_of(
      signs, [&](std::string_view sign) { return text.find(sign) != std::string_view::npos; });
}

}  // namespace

void set_libmilter_log(Logger* log) {
  const std::scoped_lock lock(target.mutex);
  target.log = log;
}

bool write_libmilter_message(std::string_view text) {
  const std::scoped_lock lock(target.mutex);
  if (target.log == nullptr) {
    return false;
  }
  const LogLevel level = concerns_only_a_peer(text) ? LogLevel::debug : LogLevel::warn;
  const std::string_view prefix = libmilter_log_prefix;
  if (text.starts_with(prefix) && text.substr(prefix.size()).starts_with(": ")) {
    text.remove_prefix(prefix.size() + 2);
  }
  if (target.log->enabled(level)) {
    const LogField field{"text", text};
    target.log->write(level, "libmilter", {&field, 1});
  }
  return true;
}

}  // namespace milterd
