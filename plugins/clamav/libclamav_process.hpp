#pragma once
/// What libclamav has once per process: its start, and its messages.

#include <cstddef>
#include <string>
#include <thread>

#include "milterd/log.hpp"
#include "milterd/result.hpp"

namespace milterd::clamav {

/// Call once, before any thread starts. From then on libclamav's messages go to the log: those of a
/// scan to the log of its message, those of a load to its LoadMessages, the rest to `log`, which
/// must outlive all use of libclamav.
Result<> start_libclamav(Logger& log);

/// The log given to start_libclamav(): it outlives every stage.
Logger& process_log();

/// While it lives, libclamav's messages of this thread that belong to no scan go to `log`, but its
/// errors are kept, for the text of the failure.
class LoadMessages {
 public:
  explicit LoadMessages(Logger& log);
  ~LoadMessages();
  LoadMessages(const LoadMessages&) = delete;
  LoadMessages& operator=(const LoadMessages&) = delete;

  /// The first errors, in one line; "" where there were none.
  const std::string& errors() const { return errors_; }
  /// Name of the file that did not load; "" where libclamav named none.
  const std::string& file() const { return file_; }

 private:
  friend struct MessageRouter;

  std::thread::id thread_;
  Logger& log_;
  std::string errors_;
  std::string file_;
};

}  // namespace milterd::clamav
