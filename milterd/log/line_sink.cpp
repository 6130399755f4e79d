#include "milterd/log/line_sink.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace milterd {
namespace {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<UniqueFd> open_log_file(const std::string& path) {
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640));
  if (!file) {
    return fail("cannot open the log file '" + path + "': " + std::strerror(errno) +
                "; let the user that milterd runs as write there, or name another 'target' under "
                "[log]");
  }
  return file;
}

LineSink::LineSink(UniqueFd file) : file_(std::move(file)) {}

void LineSink::replace_file(UniqueFd file) {
  const std::lock_guard lock(mutex_);
  file_ = std::move(file);
}

void LineSink::sink_it_(const spdlog::details::log_msg& message) {
  const std::string_view line(message.payload.data(), message.payload.size());
  if (!file_ || !write_all(file_.get(), line)) {
    // Nobody is left to hear that standard error fails.
    static_cast<void>(write_all(STDERR_FILENO, line));
  }
}

}  // namespace milterd
