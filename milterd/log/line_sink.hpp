#pragma once
/// Where lines go: standard error or a file.

#include <mutex>
#include <spdlog/sinks/base_sink.h>
#include <string>

#include "milterd/result.hpp"
#include "milterd/util/unique_fd.hpp"

namespace milterd {

/// To append to; made (mode 0640) where there is none. Error: why it cannot be opened.
Result<UniqueFd> open_log_file(const std::string& path);

/// Writes what it gets as it is, unbuffered. Lines that a file does not take (a full disk) go to
/// standard error.
class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// Without a file, everything goes to standard error.
  explicit LineSink(UniqueFd file);

  void replace_file(UniqueFd file);

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  UniqueFd file_;
};

}  // namespace milterd
