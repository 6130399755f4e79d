#include "plugins/clamav/scanning/scan_context.hpp"

#include <algorithm>
#include <array>
#include <clamav.h>

namespace milterd::clamav {
namespace {

constexpr int most_messages = 10;
constexpr std::string_view limit_prefix = "Heuristics.Limits.Exceeded.";
// libclamav's name for what a callback refused: always for one of the reasons below.
constexpr std::string_view refused_by_callback = "Detected.By.Callback";

void on_virus_found(int /*descriptor*/, const char* name, void* context) noexcept {
  if (name != nullptr && context != nullptr) {
    static_cast<ScanContext*>(context)->add_name(name);
  }
}

// libclamav bounds a scan only by a number of the engine, the same for all messages. It asks before
// each part of a message, though, the ones it knows as clean included, and a part refused ends the
// scan.
cl_error_t before_part(int /*descriptor*/, const char* /*type*/, void* context) noexcept {
  return context == nullptr || static_cast<ScanContext*>(context)->may_begin_part() ? CL_CLEAN
                                                                                    : CL_VIRUS;
}

// What was called clean is remembered, and is not scanned when it comes again. So what was scanned
// badly must not be called clean by libclamav itself: the sender of a message that was put off
// comes again.
cl_error_t after_part(int /*descriptor*/, int result, const char* /*name*/,
                      void* context) noexcept {
  return context == nullptr || result != CL_CLEAN ||
                 static_cast<ScanContext*>(context)->may_be_clean()
             ? CL_CLEAN
             : CL_VIRUS;
}

/// Words of libclamav's error messages when the system refused it something, whatever the message.
bool tells_of_resources(std::string_view text) {
  constexpr std::array<std::string_view, 8> words = {"Can't create", "Can't write",  "Can't open",
                                                     "llocat",       "write error",  "read error",
                                                     "memory",       "fmap() failed"};
  return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
}

}  // namespace

void ScanContext::add_name(std::string_view name) noexcept try {
  if (name.starts_with(limit_prefix)) {
    if (limit_.empty()) {
      limit_ = name.substr(limit_prefix.size());
    }
  } else if (!name.starts_with(refused_by_callback) && signature_.empty()) {
    signature_ = name;
  }
} catch (...) {
  // Only memory can be what is missing; the name is lost, but not that the scan is worth nothing.
  lacked_resources_ = true;
}

bool ScanContext::may_begin_part() {
  begun_ = true;
  check_room();
  stopped_ = stopped_ || std::chrono::steady_clock::now() >= deadline_;
  return !stopped_;
}

bool ScanContext::may_be_clean() {
  check_room();
  return !stopped_ && !had_errors_ && !lacked_resources_;
}

void ScanContext::check_room() { lacked_resources_ = lacked_resources_ || !temporary_.has_room(); }

void ScanContext::write_message(LogLevel level, std::string_view text) noexcept try {
  if (level == LogLevel::error) {
    had_errors_ = true;
    lacked_resources_ = lacked_resources_ || tells_of_resources(text);
  }
  if (++messages_ > most_messages) {
    return;
  }
  const LogField field{"text", messages_ < most_messages ? text : "further messages are left out"};
  log_.write(level, "clamav.message", {&field, 1});
} catch (...) {
  lacked_resources_ = true;
}

void install_scan_callbacks(cl_engine* engine) {
  cl_engine_set_clcb_virus_found(engine, on_virus_found);
  cl_engine_set_clcb_pre_cache(engine, before_part);
  cl_engine_set_clcb_post_scan(engine, after_part);
}

}  // namespace milterd::clamav
