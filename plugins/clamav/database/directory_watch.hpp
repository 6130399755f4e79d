#pragma once
/// Waits for changes in a directory.

#include <chrono>
#include <string>

namespace milterd::clamav {

/// follow() and wait() belong to one thread, wake() to any. Where the kernel cannot notify (the
/// directory is not there, or no watch is left) wait() only takes its time.
class DirectoryWatch {
 public:
  DirectoryWatch();  ///< Throws std::system_error where no descriptor is left.
  ~DirectoryWatch();
  DirectoryWatch(const DirectoryWatch&) = delete;
  DirectoryWatch& operator=(const DirectoryWatch&) = delete;

  /// From now on this directory; the same one again costs nothing, unless it was removed meanwhile.
  /// False: the kernel does not tell of its changes.
  bool follow(const std::string& directory);
  /// Until something changed or wake() was called: true; or until the time is over.
  bool wait(std::chrono::milliseconds longest);
  void wake();

 private:
  void forget_events();

  int notices_;  ///< inotify
  int wake_;     ///< eventfd
  int watch_ = -1;
  std::string directory_;
};

}  // namespace milterd::clamav
