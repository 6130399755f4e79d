#include "plugins/clamav/scanning/shortage_notice.hpp"

#include <doctest/doctest.h>

#include "test/support/captured_log.hpp"

namespace milterd::clamav {
namespace {

struct Notice {
  void note(Shortage shortage, std::chrono::seconds at) {
    notice.note(shortage, "/dir", log,
                ShortageNotice::Clock::time_point(std::chrono::hours(1)) + at);
  }

  test::CapturedLog log;
  ShortageNotice notice;
};

TEST_CASE_FIXTURE(Notice, "a shortage is told once, and its end") {
  using std::chrono::seconds;
  note(Shortage::none, seconds(0));
  CHECK(log.lines().empty());
  for (int at = 0; at < 100; ++at) {
    note(Shortage::space, seconds(at));
  }
  CHECK(log.lines().size() == 1);
  CHECK(log.count("error clamav.no_room text=the file system of '/dir' is nearly full") == 1);
  note(Shortage::none, seconds(100));
  note(Shortage::none, seconds(101));
  CHECK(log.lines().size() == 2);
  CHECK(log.count("info clamav.room_again") == 1);
}

TEST_CASE_FIXTURE(Notice, "another shortage is told, too") {
  note(Shortage::space, std::chrono::seconds(0));
  note(Shortage::descriptors, std::chrono::seconds(60));
  CHECK(log.count("LimitNOFILE") == 1);
  note(Shortage::files, std::chrono::seconds(120));
  CHECK(log.count("no room for more files") == 1);
}

TEST_CASE_FIXTURE(Notice, "what comes and goes is told once a minute") {
  for (int at = 0; at < 120; ++at) {
    note(at % 2 == 0 ? Shortage::space : Shortage::none, std::chrono::seconds(at));
  }
  CHECK(log.lines("error").size() == 2);
  CHECK(log.lines("info").size() == 2);
}

}  // namespace
}  // namespace milterd::clamav
