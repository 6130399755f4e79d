#include "milterd/log/log.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "milterd/util/unique_fd.hpp"
#include "test/unit/log/syslog_calls.hpp"

using namespace milterd;

namespace {

/// A directory under a name of its own, gone with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "milterd_log_test.XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }

  std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Sends standard error to a file while it lives.
class RedirectedStandardError {
 public:
  explicit RedirectedStandardError(const std::string& path) : saved_(dup(STDERR_FILENO)) {
    const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
    dup2(file.get(), STDERR_FILENO);
  }
  RedirectedStandardError(const RedirectedStandardError&) = delete;
  RedirectedStandardError& operator=(const RedirectedStandardError&) = delete;
  ~RedirectedStandardError() { dup2(saved_.get(), STDERR_FILENO); }

 private:
  UniqueFd saved_;
};

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// With each digit of the times at the beginning of lines made 0.
std::string without_times(const std::string& text) {
  constexpr std::size_t time_size = 24;
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    for (std::size_t i = 0; i < std::min(time_size, line.size()); ++i) {
      const bool is_digit = line[i] >= '0' && line[i] <= '9';
      line[i] = is_digit ? '0' : line[i];
    }
    result += line + "\n";
  }
  return result;
}

std::unique_ptr<Log> open_log(const std::string& target, LogLevel level = LogLevel::info) {
  auto log = Log::open({level, LogSettings::Format::text, target});
  REQUIRE(log.has_value());
  return std::move(*log);
}

}  // namespace

TEST_CASE("log: a file gets whole lines, behind what it held, and only those of its level") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("log");
  std::ofstream(path) << "before\n";
  const auto log = open_log(path);
  CHECK_FALSE(log->enabled(LogLevel::debug));
  CHECK(log->enabled(LogLevel::info));
  log->debug("hidden");
  log->info("message.done", {{"queue_id", "4Yk2"}, {"reason", "two words"}});
  log->error("x");
  CHECK(without_times(content(path)) ==
        "before\n"
        "0000-00-00T00:00:00.000Z info message.done queue_id=4Yk2 reason=\"two words\"\n"
        "0000-00-00T00:00:00.000Z error x\n");
}

TEST_CASE("log: a new file is not for everybody") {
  const TemporaryDirectory directory;
  const mode_t mask = umask(0);
  const auto log = open_log(directory.file("log"));
  umask(mask);
  struct stat status{};
  REQUIRE(stat(directory.file("log").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0640U);
}

TEST_CASE("log: a file that cannot be opened is an error that says why and what to do") {
  const auto log = Log::open({LogLevel::info, LogSettings::Format::text, "/nonexistent/log"});
  REQUIRE_FALSE(log.has_value());
  CHECK(log.error().message ==
        "cannot open the log file '/nonexistent/log': No such file or directory; let the user "
        "that milterd runs as write there, or name another 'target' under [log]");
}

TEST_CASE("log: reopen follows a rotated file and takes the new level") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("log");
  const auto log = open_log(path);
  log->info("one");
  std::filesystem::rename(path, path + ".1");
  log->info("two");
  log->reopen(LogLevel::debug);
  log->debug("three");
  CHECK(without_times(content(path + ".1")) ==
        "0000-00-00T00:00:00.000Z info one\n0000-00-00T00:00:00.000Z info two\n");
  CHECK(without_times(content(path)) == "0000-00-00T00:00:00.000Z debug three\n");
}

TEST_CASE("log: where reopen fails, the old file stays in use and is told so") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("log");
  const auto log = open_log(path);
  std::filesystem::rename(path, directory.file("moved"));
  std::filesystem::create_directory(path);
  log->reopen(LogLevel::info);
  log->info("after");
  CHECK(without_times(content(directory.file("moved"))) ==
        "0000-00-00T00:00:00.000Z error log.reopen_failed reason=\"cannot open the log file '" +
            path +
            "': Is a directory; let the user that milterd runs as write there, or name another "
            "'target' under [log]\" consequence=\"the file from before stays in use\"\n"
            "0000-00-00T00:00:00.000Z info after\n");
}

TEST_CASE("log: standard error is written plain, and reopen leaves it") {
  const TemporaryDirectory directory;
  {
    const RedirectedStandardError redirected(directory.file("stderr"));
    const auto log = open_log("stderr");
    log->warn("one", {{"k", "v"}});
    log->reopen(LogLevel::error);
    log->warn("two");
    log->error("three");
  }
  CHECK(without_times(content(directory.file("stderr"))) ==
        "0000-00-00T00:00:00.000Z warn one k=v\n0000-00-00T00:00:00.000Z error three\n");
}

TEST_CASE("log: lines that a file does not take go to standard error") {
  const TemporaryDirectory directory;
  {
    const RedirectedStandardError redirected(directory.file("stderr"));
    open_log("/dev/full")->info("kept");
  }
  CHECK(without_times(content(directory.file("stderr"))) == "0000-00-00T00:00:00.000Z info kept\n");
}

TEST_CASE("log: syslog gets facility mail, its own levels, and lines without a time") {
  syslog_calls().clear();
  {
    const auto log = open_log("syslog", LogLevel::debug);
    log->debug("a");
    log->info("b", {{"k", "100%s"}});
    log->warn("c");
    log->error("d");
    log->reopen(LogLevel::error);
    log->warn("hidden");
  }
  CHECK(syslog_calls() == std::vector<std::string>{"open milterd 16", "7 debug a",
                                                   "6 info b k=100%s", "4 warn c", "3 error d",
                                                   "close"});
}

TEST_CASE("log: JSON has one object a line") {
  const TemporaryDirectory directory;
  const auto log = Log::open({LogLevel::info, LogSettings::Format::json, directory.file("log")});
  REQUIRE(log.has_value());
  (*log)->info("message.done", {{"k", "v w"}});
  std::string text = content(directory.file("log"));
  const std::string_view before = R"({"time":")";
  REQUIRE(text.starts_with(before));
  CHECK(text.substr(before.size() + 24) ==
        "\",\"level\":\"info\",\"event\":\"message.done\",\"k\":\"v w\"}\n");
}

TEST_CASE("log: lines of many threads are not mixed, nor lost when the file is reopened") {
  constexpr int threads = 4;
  constexpr int lines_each = 500;
  const TemporaryDirectory directory;
  const std::string path = directory.file("log");
  const auto log = open_log(path);
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < threads; ++i) {
      writers.emplace_back([&log] {
        for (int line = 0; line < lines_each; ++line) {
          log->info("x", {{"k", "value of many letters"}});
        }
      });
    }
    for (int i = 0; i < 20; ++i) {
      log->reopen(LogLevel::info);
    }
  }
  std::string expected;
  for (int i = 0; i < threads * lines_each; ++i) {
    expected += "0000-00-00T00:00:00.000Z info x k=\"value of many letters\"\n";
  }
  CHECK(without_times(content(path)) == expected);
}
