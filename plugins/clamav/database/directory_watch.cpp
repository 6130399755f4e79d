#include "plugins/clamav/database/directory_watch.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <system_error>
#include <unistd.h>

namespace milterd::clamav {

DirectoryWatch::DirectoryWatch()
    : notices_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) {
    const int error = errno;
    ::close(notices_);
    throw std::system_error(error, std::generic_category(), "cannot make an eventfd");
  }
}

DirectoryWatch::~DirectoryWatch() {
  ::close(notices_);
  ::close(wake_);
}

bool DirectoryWatch::follow(const std::string& directory) {
  if (watch_ >= 0 && directory == directory_) {
    return true;
  }
  if (watch_ >= 0) {
    ::inotify_rm_watch(notices_, watch_);
  }
  directory_ = directory;
  watch_ = ::inotify_add_watch(notices_, directory.c_str(),
                               IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                   IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
  return watch_ >= 0;
}

bool DirectoryWatch::wait(std::chrono::milliseconds longest) {
  std::array<pollfd, 2> sources = {{{.fd = notices_, .events = POLLIN, .revents = 0},
                                    {.fd = wake_, .events = POLLIN, .revents = 0}}};
  const int ready = ::poll(sources.data(), sources.size(), static_cast<int>(longest.count()));
  forget_events();
  return ready > 0;
}

/// What has changed is seen by looking; of events only that they came, and whether they still can.
void DirectoryWatch::forget_events() {
  std::uint64_t count = 0;
  (void)!::read(wake_, &count, sizeof count);
  alignas(inotify_event) std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t size = ::read(notices_, buffer.data(), buffer.size());
    if (size <= 0) {
      return;
    }
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      // A directory that was removed or renamed: another one may come in its place.
      if ((event->mask & (IN_IGNORED | IN_MOVE_SELF)) != 0 && event->wd == watch_) {
        watch_ = -1;
      }
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

void DirectoryWatch::wake() {
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
}

}  // namespace milterd::clamav
