#include "milterd/mta/libmilter_log.hpp"

#include <doctest/doctest.h>
#include <span>
#include <string>
#include <vector>

namespace milterd {
namespace {

class RecordingLog final : public Logger {
 public:
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override {
    std::string line = level == LogLevel::debug ? "debug " : "warn ";
    line += event;
    for (const auto& field : fields) {
      line += " " + std::string(field.key) + "=" + std::string(field.value);
    }
    lines.push_back(line);
  }
  bool enabled(LogLevel) const override { return true; }
  std::vector<std::string> lines;
};

TEST_CASE("libmilter_log: peers that speak no milter cost a debug line, faults of ours a warning") {
  RecordingLog log;
  set_libmilter_log(&log);
  CHECK(
      write_libmilter_message("libmilter: mi_rd_cmd: read returned -1: Connection reset by peer"));
  CHECK(write_libmilter_message("libmilter: st_optionneg[3]: len too short 2 < 12"));
  CHECK(
      write_libmilter_message("libmilter: accept() returned invalid socket (Too many open files)"));
  CHECK(write_libmilter_message("can't create event pipe: Too many open files"));
  set_libmilter_log(nullptr);
  CHECK(log.lines ==
        std::vector<std::string>{
            "debug libmilter text=mi_rd_cmd: read returned -1: Connection reset by peer",
            "debug libmilter text=st_optionneg[3]: len too short 2 < 12",
            "warn libmilter text=accept() returned invalid socket (Too many open files)",
            "warn libmilter text=can't create event pipe: Too many open files",
        });
}

TEST_CASE("libmilter_log: without a log nobody wants the message") {
  set_libmilter_log(nullptr);
  CHECK_FALSE(write_libmilter_message("libmilter: anything"));
}

}  // namespace
}  // namespace milterd
