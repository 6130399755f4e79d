#include "test/unit/log/syslog_calls.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>

namespace milterd {

std::vector<std::string>& syslog_calls() {
  static std::vector<std::string> calls;
  return calls;
}

namespace {

void record(int priority, const char* format, std::va_list arguments) {
  std::array<char, 4096> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  syslog_calls().push_back(std::to_string(priority) + " " + text.data());
}

}  // namespace
}  // namespace milterd

// Not by way of <syslog.h>: with _FORTIFY_SOURCE it makes syslog() an inline function. Which of the
// two is called depends on that too.
extern "C" {

void openlog(const char* ident, int /*option*/, int facility) {
  milterd::syslog_calls().push_back("open " + std::string(ident) + " " + std::to_string(facility));
}

void closelog() { milterd::syslog_calls().emplace_back("close"); }

void syslog(int priority, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  milterd::record(priority, format, arguments);
  va_end(arguments);
}

// NOLINTNEXTLINE(bugprone-reserved-identifier): the C library's own name for it.
void __syslog_chk(int priority, int /*flag*/, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  milterd::record(priority, format, arguments);
  va_end(arguments);
}
}
