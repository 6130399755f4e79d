/// Functions of the C library that libmilter calls, taken over for the whole process. Linked into
/// the executable itself, which exports its symbols: so the dynamic linker prefers these.

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <signal.h>
#include <string_view>
#include <syslog.h>
#include <unistd.h>

#include "milterd/mta/libmilter_log.hpp"

namespace {

/// spdlog writes to syslog with this very format. Its lines are our own log on its way out.
constexpr const char* format_of_own_lines = "%.*s";

void take_message(int priority, const char* format, va_list arguments) {
  if (format == nullptr) {
    return;
  }
  char text[1024];
  va_list copy;
  va_copy(copy, arguments);
  const int size = vsnprintf(text, sizeof text, format, copy);
  va_end(copy);
  const bool own = std::strcmp(format, format_of_own_lines) == 0;
  if (own || size < 0 || !milterd::write_libmilter_message(text)) {
    vsyslog(priority, format, arguments);
  }
}

}  // namespace

extern "C" {

/// libmilter has a thread that waits here for HUP and TERM, and takes either for the order to stop.
/// milterd waits for signals with another function, so every caller of this one can sleep for ever.
[[gnu::visibility("default")]] int sigwait(const sigset_t* /*set*/, int* /*number*/) {
  for (;;) {
    pause();
  }
}

/// What syslog() is called after _FORTIFY_SOURCE, and so in Debian's libmilter.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the C library has chosen the name.
[[gnu::visibility("default")]] void __syslog_chk(int priority, int /*flag*/, const char* format,
                                                 ...) {
  va_list arguments;
  va_start(arguments, format);
  take_message(priority, format, arguments);
  va_end(arguments);
}

[[gnu::visibility("default")]] void syslog(int priority, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  take_message(priority, format, arguments);
  va_end(arguments);
}
}
