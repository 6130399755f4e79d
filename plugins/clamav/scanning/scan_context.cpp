#include "plugins/clamav/scanning/scan_context.hpp"

#include <algorithm>
#include <array>
#include <clamav.h>
#include <cstdint>
#include <sys/mman.h>
#include <sys/stat.h>

#include "plugins/clamav/scanning/excess.hpp"
#include "plugins/clamav/scanning/zip_methods.hpp"

namespace milterd::clamav {
namespace {

constexpr int most_messages = 10;
// How much of a part libclamav's zip parser writes at once.
constexpr std::uint64_t zip_block = 8192;

void on_virus_found(int /*descriptor*/, const char* name, void* context) noexcept {
  if (name != nullptr && context != nullptr) {
    static_cast<ScanContext*>(context)->add_name(name);
  }
}

// libclamav bounds a scan only by a number of the engine, the same for all messages. It asks before
// each part of a message, though, the ones it knows as clean included.
cl_error_t before_part(int descriptor, const char* type, void* context) noexcept {
  return context == nullptr || static_cast<ScanContext*>(context)->may_begin_part(
                                   descriptor, type == nullptr ? "" : type)
             ? CL_CLEAN
             : CL_BREAK;
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

/// Of libclamav's names for kinds of parts.
bool is_zip(std::string_view type) {
  return type.starts_with("CL_TYPE_ZIP") || type.starts_with("CL_TYPE_OOXML");
}

}  // namespace

void ScanContext::add_name(std::string_view name) noexcept try { names_.add(name); } catch (...) {
  // Only memory can be what is missing; the name is lost, but not that the scan is worth nothing.
  lacked_resources_ = true;
}

void ScanContext::note_excess(Excess excess) {
  excess_ = excess_ == Excess::none ? excess : excess_;
}

bool ScanContext::look_at_file(int descriptor, std::string_view type) {
  struct stat status = {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0 || status.st_size <= 0) {
    return true;
  }
  // libclamav cuts off a member of a zip archive at max_file_size, and says nothing of it.
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t most = settings_.max_file_size;
  cut_short_ = cut_short_ || size == most || size == most / zip_block * zip_block;

  void* map = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (map == MAP_FAILED) {
    lacked_resources_ = true;
    return false;
  }
  const std::string_view file(static_cast<const char*>(map), size);
  const Excess excess = find_excess(file, settings_.max_files);
  if (settings_.scan_archive && is_zip(type)) {
    unknown_method_ = unknown_method_ || has_unknown_method(file);
  }
  ::munmap(map, size);
  note_excess(excess);
  return excess == Excess::none;
}

bool ScanContext::may_begin_part(int descriptor, std::string_view type) {
  begun_ = true;
  check_room();
  const bool bearable = look_at_file(descriptor, type);
  if (!stopped_) {
    cancelled_ = cancellation_.reason();
    stopped_ = cancelled_ != CancelReason::none || std::chrono::steady_clock::now() >= deadline_;
  }
  return bearable && !stopped_ && names_.infected().empty();
}

bool ScanContext::may_be_clean() {
  check_room();
  return !stopped_ && excess_ == Excess::none && !cut_short_ && !unknown_method_ && !had_errors_ &&
         !lacked_resources_ && names_.infected().empty();
}

void ScanContext::check_room() {
  if (const Shortage shortage = temporary_.shortage(); shortage != Shortage::none) {
    shortage_ = shortage;
    lacked_resources_ = true;
  }
}

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
