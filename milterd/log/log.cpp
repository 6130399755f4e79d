#include "milterd/log/log.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <spdlog/logger.h>
#include <spdlog/sinks/syslog_sink.h>
#include <syslog.h>

#include "milterd/log/line_sink.hpp"
#include "milterd/log/log_line.hpp"

namespace milterd {
namespace {

constexpr std::string_view standard_error = "stderr";
constexpr std::string_view syslog_target = "syslog";

spdlog::sink_ptr make_syslog_sink() {
  constexpr bool uses_patterns = false;
  return std::make_shared<spdlog::sinks::syslog_sink_mt>("milterd", LOG_PID, LOG_MAIL,
                                                         uses_patterns);
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  constexpr std::array levels = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                 spdlog::level::err};
  return levels.at(static_cast<std::size_t>(level));
}

class SpdlogLog final : public Log {
 public:
  /// `lines` is null for syslog.
  SpdlogLog(const LogSettings& settings, std::shared_ptr<LineSink> lines)
      : is_json_(settings.format == LogSettings::Format::json),
        target_(settings.target),
        lines_(std::move(lines)),
        logger_("milterd", lines_ ? spdlog::sink_ptr(lines_) : make_syslog_sink()) {
    logger_.set_level(to_spdlog(settings.level));
  }

  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override {
    if (!enabled(level)) {
      return;
    }
    const auto now = std::chrono::system_clock::now();
    std::string line;
    line.reserve(expected_line_size(event, fields));
    if (is_json_) {
      append_json_line(line, now, level, event, fields);
    } else {
      if (lines_) {
        append_log_time(line, now);
        line += ' ';
      }
      append_text_line(line, level, event, fields);
    }
    if (lines_) {
      line += '\n';
    }
    logger_.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  }

  bool enabled(LogLevel level) const override { return logger_.should_log(to_spdlog(level)); }

  void reopen(LogLevel level) override {
    logger_.set_level(to_spdlog(level));
    if (!lines_ || target_ == standard_error) {
      return;
    }
    auto file = open_log_file(target_);
    if (file) {
      lines_->replace_file(std::move(*file));
    } else {
      error("log.reopen_failed", {{"reason", file.error().message},
                                  {"consequence", "the file from before stays in use"}});
    }
  }

 private:
  bool is_json_;
  std::string target_;
  std::shared_ptr<LineSink> lines_;
  spdlog::logger logger_;
};

}  // namespace

Result<std::unique_ptr<Log>> Log::open(const LogSettings& settings) {
  std::shared_ptr<LineSink> lines;
  if (settings.target == standard_error) {
    lines = std::make_shared<LineSink>(UniqueFd());
  } else if (settings.target != syslog_target) {
    auto file = open_log_file(settings.target);
    if (!file) {
      return std::unexpected(file.error());
    }
    lines = std::make_shared<LineSink>(std::move(*file));
  }
  return std::make_unique<SpdlogLog>(settings, std::move(lines));
}

}  // namespace milterd
