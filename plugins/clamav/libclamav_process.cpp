#include "plugins/clamav/libclamav_process.hpp"

#include <algorithm>
#include <clamav.h>
#include <mutex>
#include <string_view>
#include <vector>

#include "plugins/clamav/memory_allocator.hpp"
#include "plugins/clamav/scanning/scan_context.hpp"

namespace milterd::clamav {

constexpr std::size_t most_error_text = 600;

// libclamav has one message callback for the whole process, and gives a load no data of its own to
// carry: what belongs together is found by its thread.
struct MessageRouter {
  std::mutex mutex;
  Logger* log = nullptr;
  std::vector<LoadMessages*> loads;

  static MessageRouter& instance() {
    static MessageRouter router;
    return router;
  }

  void add(LoadMessages* load) {
    const std::lock_guard lock(mutex);
    loads.push_back(load);
  }
  void remove(LoadMessages* load) {
    const std::lock_guard lock(mutex);
    std::erase(loads, load);
  }
  LoadMessages* of_this_thread() {
    const std::lock_guard lock(mutex);
    const auto found = std::ranges::find_if(loads, [](const LoadMessages* load) {
      return load->thread_ == std::this_thread::get_id();
    });
    return found == loads.end() ? nullptr : *found;
  }

  static void keep_error(LoadMessages& load, std::string_view text) {
    // "Can't load PATH: REASON" comes last, after all that led to it, and says which file it was.
    if (constexpr std::string_view names_file = "Can't load "; text.starts_with(names_file)) {
      const std::string_view path = text.substr(0, text.rfind(": ")).substr(names_file.size());
      load.file_ = path.substr(path.rfind('/') + 1);
      return;
    }
    if (load.errors_.size() + text.size() < most_error_text) {
      load.errors_ += load.errors_.empty() ? "" : "; ";
      load.errors_ += text;
    }
  }
  void route(LogLevel level, std::string_view text, ScanContext* scan) {
    if (scan != nullptr) {
      scan->write_message(level, text);
      return;
    }
    LoadMessages* load = of_this_thread();
    if (load != nullptr && level == LogLevel::error) {
      keep_error(*load, text);
      return;
    }
    Logger& target = load != nullptr ? load->log_ : *log;
    const LogField field{"text", text};
    target.write(level, "clamav.message", {&field, 1});
  }
};

namespace {

void on_message(cl_msg severity, const char* /*full_message*/, const char* message,
                void* context) noexcept try {
  const LogLevel level = severity >= CL_MSG_ERROR  ? LogLevel::error
                         : severity >= CL_MSG_WARN ? LogLevel::warn
                                                   : LogLevel::debug;
  std::string_view text = message;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  MessageRouter::instance().route(level, text, static_cast<ScanContext*>(context));
} catch (...) {  // NOLINT(bugprone-empty-catch): the caller is C, and there is nobody to tell
  // Without memory the message is lost; a scan's context has noted it before.
}

}  // namespace

Result<> start_libclamav(Logger& log) {
  keep_scan_memory();
  MessageRouter::instance().log = &log;
  cl_set_clcb_msg(on_message);
  const cl_error_t error = cl_init(CL_INIT_DEFAULT);
  if (error != CL_SUCCESS) {
    return fail(std::string("cannot initialise libclamav: ") + cl_strerror(error));
  }
  return {};
}

Logger& process_log() { return *MessageRouter::instance().log; }

LoadMessages::LoadMessages(Logger& log) : thread_(std::this_thread::get_id()), log_(log) {
  MessageRouter::instance().add(this);
}

LoadMessages::~LoadMessages() { MessageRouter::instance().remove(this); }

}  // namespace milterd::clamav
