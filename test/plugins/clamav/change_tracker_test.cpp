#include "plugins/clamav/database/change_tracker.hpp"

#include <doctest/doctest.h>

namespace milterd::clamav {
namespace {

using namespace std::chrono_literals;

DatabaseFiles files(std::uint64_t size) {
  return {.directory_exists = true, .files = {{.name = "a.ndb", .size = size}}};
}

struct Tracked {
  ChangeTracker tracker{{.quiet = 2s, .longest = 10s}};
  const ChangeTracker::Clock::time_point start{};
  bool look(std::uint64_t size, std::chrono::milliseconds when) {
    return tracker.look(files(size), files(1), start + when);
  }
};

TEST_CASE_FIXTURE(Tracked, "nothing is loaded while nothing has changed") {
  CHECK_FALSE(look(1, 0s));
  CHECK_FALSE(look(1, 100s));
  CHECK_FALSE(tracker.next_look());
}

TEST_CASE_FIXTURE(Tracked, "a change is loaded once it has been quiet") {
  CHECK_FALSE(look(2, 0s));
  CHECK(tracker.next_look() == start + 2s);
  CHECK_FALSE(look(2, 1900ms));
  CHECK(look(2, 2s));
}

TEST_CASE_FIXTURE(Tracked, "each further change begins the quiet anew") {
  CHECK_FALSE(look(2, 0s));
  CHECK_FALSE(look(3, 1900ms));
  CHECK_FALSE(look(3, 3800ms));
  CHECK(look(3, 3900ms));
}

TEST_CASE_FIXTURE(Tracked, "what goes on changing is loaded all the same in the end") {
  for (int i = 0; i < 10; ++i) {
    CHECK_FALSE(look(static_cast<std::uint64_t>(2 + i), std::chrono::seconds(i)));
  }
  CHECK(look(99, 10s));
}

TEST_CASE_FIXTURE(Tracked, "a change that is taken back is none") {
  CHECK_FALSE(look(2, 0s));
  CHECK_FALSE(look(1, 1s));
  CHECK_FALSE(tracker.next_look());
  CHECK_FALSE(look(2, 20s));
  CHECK(look(2, 22s));
}

}  // namespace
}  // namespace milterd::clamav
