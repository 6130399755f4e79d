#include "plugins/clamav/report/virus_command.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "signature_directory.hpp"
#include "test/support/captured_log.hpp"
#include "test/support/stage_table.hpp"

namespace milterd::clamav {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Command = std::vector<std::string>;

bool soon(const auto& condition) {
  const auto deadline = steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

/// Scripts, and what they have written.
struct Playground {
  std::string path(const std::string& name) const { return directory.path() + "/" + name; }
  std::string script(const std::string& text) const {
    directory.write("script", "#!/bin/sh\n" + text);
    std::filesystem::permissions(path("script"), std::filesystem::perms::owner_all);
    return path("script");
  }
  std::string content(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }
  bool exists(const std::string& name) const { return std::filesystem::exists(path(name)); }

  test::SignatureDirectory directory;
  test::CapturedLog log;
};

TEST_CASE_FIXTURE(Playground, "arguments arrive as they are, and no shell looks at them") {
  const std::string program = script("for a; do printf '[%s]\\n' \"$a\"; done > " + path("part") +
                                     "\nmv " + path("part") + " " + path("done") + "\n");
  VirusCommand command(log);
  command.run({program, "$(touch " + path("pwned") + ")", "a;b", "`x`", "two words", "'\"", ""});
  REQUIRE(soon([&] { return exists("done"); }));
  CHECK(content("done") ==
        "[$(touch " + path("pwned") + ")]\n[a;b]\n[`x`]\n[two words]\n['\"]\n[]\n");
  CHECK_FALSE(exists("pwned"));
  CHECK(log.lines("warn").empty());
}

TEST_CASE_FIXTURE(Playground,
                  "a command has no descriptor but the standard ones, and no blocked signal") {
  const std::string program = script("ls /proc/self/fd | tr '\\n' ' ' > " + path("part") +
                                     "\ngrep SigBlk /proc/self/status >> " + path("part") +
                                     "\nenv | cut -d= -f1 | sort >> " + path("part") + "\nmv " +
                                     path("part") + " " + path("done") + "\n");
  std::ofstream held(path("held"));
  VirusCommand command(log);
  command.run({program});
  REQUIRE(soon([&] { return exists("done"); }));
  const std::string seen = content("done");
  CHECK(seen.starts_with("0 1 2 3 SigBlk:\t0000000000000000\n"));  // 3 is ls itself reading
  CHECK(seen.ends_with("PATH\nPWD\n"));                            // PWD is the shell's own
}

TEST_CASE_FIXTURE(Playground, "one that takes too long is killed with what it started") {
  const std::string program = script("sleep 1000 & echo $! > " + path("pid") + "\nwait\n");
  VirusCommand command(
      log,
      {.at_once = 1, .waiting = 5, .time = milliseconds(300), .time_at_stop = milliseconds(10)});
  command.run({program});
  command.run({"/bin/sh", "-c", "exit 3"});
  REQUIRE(soon([&] { return log.lines("warn").size() == 2; }));
  CHECK(log.lines("warn").at(0).find("killed: it took too long") != std::string::npos);
  CHECK(log.lines("warn").at(1).find("status=3") != std::string::npos);
  int sleeper = 0;
  std::istringstream(content("pid")) >> sleeper;
  REQUIRE(sleeper > 0);
  CHECK(soon([&] {
    std::ifstream status("/proc/" + std::to_string(sleeper) + "/stat");
    std::string line;
    return !std::getline(status, line) || line.find(") Z ") != std::string::npos;
  }));
}

TEST_CASE_FIXTURE(Playground, "no more than a few run and wait, and the rest is counted") {
  const std::string program = script("echo x >> " + path("ran") + "\nwhile ! [ -e " + path("go") +
                                     " ]; do sleep 0.01; done\n");
  VirusCommand command(log, {.at_once = 2,
                             .waiting = 3,
                             .time = std::chrono::minutes(1),
                             .time_at_stop = milliseconds(10)});
  command.run({program});
  command.run({program});
  REQUIRE(soon([&] { return content("ran") == "x\nx\n"; }));
  for (int i = 0; i < 10; ++i) {
    command.run({program});
  }
  const auto dropped = [&] {
    int sum = 0;
    for (const std::string& line : log.lines("warn")) {
      sum += std::stoi(line.substr(line.find("messages=") + std::string("messages=").size()));
    }
    return sum;
  };
  CHECK(soon([&] { return dropped() == 7; }));
  CHECK(content("ran") == "x\nx\n");
  directory.write("go", "");
  CHECK(soon([&] { return content("ran") == "x\nx\nx\nx\nx\n"; }));
}

TEST_CASE_FIXTURE(Playground, "the end does not wait for what hangs") {
  const std::string program = script("echo x >> " + path("ran") + "\nsleep 1000\n");
  const auto begin = steady_clock::now();
  {
    VirusCommand command(log, {.at_once = 4,
                               .waiting = 5,
                               .time = std::chrono::minutes(1),
                               .time_at_stop = milliseconds(50)});
    command.run({program});
    REQUIRE(soon([&] { return exists("ran"); }));
  }
  CHECK(steady_clock::now() - begin < std::chrono::seconds(20));
  REQUIRE(log.lines("warn").size() == 1);
  CHECK(log.lines("warn").at(0).find("killed: milterd ends or reloads") != std::string::npos);
}

TEST_CASE_FIXTURE(Playground, "a program that has gone is an error in the log") {
  VirusCommand command(log);
  command.run({path("nothing")});
  REQUIRE(soon([&] { return !log.lines("error").empty(); }));
  CHECK(log.lines("error").at(0).find("No such file or directory") != std::string::npos);
}

TEST_CASE("the arguments are clamav-milter's, and none can be taken for an option") {
  const MessageFacts facts{.queue_id = "4Yk2",
                           .sender = "-a@example.net",
                           .recipients = {"-b@example.org", "c@example.org"},
                           .subject = "--help",
                           .message_id = "-1",
                           .date = "today"};
  CHECK(virus_commands(true, "Eicar", facts) ==
        std::vector<Command>{
            {"Eicar", "4Yk2", "<-a@example.net>", "<-b@example.org>", " --help", " -1", "today"},
            {"Eicar", "4Yk2", "<-a@example.net>", "<c@example.org>", " --help", " -1", "today"}});
  CHECK(virus_commands(false, "Eicar", facts) ==
        std::vector<Command>{
            {"Eicar", "4Yk2", "<-a@example.net>", "<c@example.org>", " --help", " -1", "today"}});
}

TEST_CASE("a command is looked for in the usual places when the configuration is read") {
  test::StageTable good("virus_action = ['sh', '-x']\n");
  CHECK(read_virus_command(good.section(), "virus_action") == Command{"sh", "-x"});
  CHECK(good.errors().empty());
  test::StageTable bad("virus_action = 'no-such-program'\n");
  read_virus_command(bad.section(), "virus_action");
  CHECK(bad.errors().size() == 1);
}

}  // namespace
}  // namespace milterd::clamav
