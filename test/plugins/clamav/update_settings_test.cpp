#include "plugins/clamav/database/update_settings.hpp"

#include <doctest/doctest.h>

#include "test/support/stage_table.hpp"

namespace milterd::clamav {
namespace {

using namespace std::chrono_literals;
using Errors = std::vector<std::string>;

TEST_CASE("the defaults are looked at every minute, warned of after a week, at any time") {
  test::StageTable table("");
  const UpdateSettings settings = read_update_settings(table.section());
  CHECK(table.errors().empty());
  CHECK(settings.self_check == 60s);
  CHECK(settings.mode == ReloadMode::automatic);
  CHECK_FALSE(settings.window);
  CHECK(settings.warn_if_older_than == std::chrono::days(7));
  CHECK(settings.fail_if_older_than == 0s);
}

TEST_CASE("every key is read") {
  test::StageTable table(
      "self_check = '5s'\nreload = 'exclusive'\nreload_window = '02:00-05:30'\n"
      "warn_if_older_than = '1d'\nfail_if_older_than = '2d'\n");
  const UpdateSettings settings = read_update_settings(table.section());
  CHECK(table.errors().empty());
  CHECK(settings.self_check == 5s);
  CHECK(settings.mode == ReloadMode::exclusive);
  REQUIRE(settings.window);
  CHECK(settings.window->contains(5h + 29min));
  CHECK(settings.warn_if_older_than == 24h);
  CHECK(settings.fail_if_older_than == 48h);
}

TEST_CASE("a window has its begin and not its end, also over midnight") {
  const auto night = ReloadWindow::parse("22:30-04:00");
  REQUIRE(night);
  CHECK(night->contains(22h + 30min));
  CHECK(night->contains(0min));
  CHECK(night->contains(3h + 59min));
  CHECK_FALSE(night->contains(4h));
  CHECK_FALSE(night->contains(12h));
  const auto day = ReloadWindow::parse("09:00-17:00");
  REQUIRE(day);
  CHECK(day->contains(9h));
  CHECK_FALSE(day->contains(17h));
  CHECK_FALSE(day->contains(0min));
}

TEST_CASE("what is no window is refused") {
  for (const char* text : {"2-5", "02:00", "02:00-", "24:00-05:00", "02:60-05:00", "02:00-02:00",
                           "02:00-05:00 ", "aa:00-05:00"}) {
    CAPTURE(text);
    test::StageTable table(std::string("reload_window = '") + text + "'\n");
    read_update_settings(table.section());
    CHECK(table.errors() ==
          Errors{"reload_window: 'reload_window' must be two times of day such as "
                 "\"02:00-05:00\", got \"" +
                 std::string(text) + "\""});
  }
}

}  // namespace
}  // namespace milterd::clamav
