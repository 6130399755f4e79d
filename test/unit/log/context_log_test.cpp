#include <doctest/doctest.h>

#include "milterd/log/log.hpp"
#include "milterd/log/log_line.hpp"

using namespace milterd;

namespace {

class RecordingLog final : public Logger {
 public:
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override {
    append_text_line(lines, level, event, fields);
    lines += '\n';
  }
  bool enabled(LogLevel level) const override { return level >= LogLevel::info; }

  std::string lines;
};

}  // namespace

TEST_CASE("context log: its fields stand in front, the outer ones first") {
  RecordingLog parent;
  ContextLog session(parent, {{"session", "1"}, {"queue_id", "-"}});
  ContextLog stage(session, {{"stage", "dkim"}});
  stage.info("message.done", {{"verdict", "accept"}});
  session.warn("x");
  CHECK(parent.lines ==
        "info message.done session=1 queue_id=- stage=dkim verdict=accept\n"
        "warn x session=1 queue_id=-\n");
}

TEST_CASE("context log: set replaces a value, or adds the field") {
  RecordingLog parent;
  ContextLog log(parent, {{"session", "1"}, {"queue_id", ""}});
  log.set("queue_id", "4Yk2");
  log.set("client", "a");
  log.info("x");
  CHECK(parent.lines == "info x session=1 queue_id=4Yk2 client=a\n");
}

TEST_CASE("context log: writes nothing when the level is off") {
  RecordingLog parent;
  ContextLog log(parent, {{"session", "1"}});
  CHECK_FALSE(log.enabled(LogLevel::debug));
  CHECK(log.enabled(LogLevel::info));
  log.debug("x");
  CHECK(parent.lines.empty());
}

TEST_CASE("context log: any number of fields is kept") {
  RecordingLog parent;
  std::vector<std::pair<std::string, std::string>> context(30, {"a", "1"});
  ContextLog log(parent, context);
  const std::vector<LogField> fields(10, LogField{"b", "2"});
  log.write(LogLevel::info, "x", fields);
  std::string expected = "info x";
  for (int i = 0; i < 30; ++i) {
    expected += " a=1";
  }
  for (int i = 0; i < 10; ++i) {
    expected += " b=2";
  }
  CHECK(parent.lines == expected + "\n");
}
