#include "milterd/util/units.hpp"

#include <doctest/doctest.h>
#include <limits>

using namespace milterd;
using namespace std::chrono_literals;

TEST_CASE("parse_duration: reads every unit exactly") {
  struct Case {
    std::string_view text;
    std::chrono::milliseconds duration;
  };
  constexpr Case cases[] = {
      {"0", 0ms},
      {"0s", 0ms},
      {"500ms", 500ms},
      {"30s", 30s},
      {"5m", 5min},
      {"2h", 2h},
      {"1d", 24h},
      {"090s", 90s},  //
      {"9223372036854775807ms", std::chrono::milliseconds::max()},
  };
  for (const auto& [text, duration] : cases) {
    CAPTURE(text);
    const auto parsed = parse_duration(text);
    REQUIRE(parsed.has_value());
    CHECK(*parsed == duration);
  }
}

TEST_CASE("parse_size: reads every unit exactly") {
  struct Case {
    std::string_view text;
    std::uint64_t bytes;
  };
  constexpr Case cases[] = {
      {"0", 0},
      {"100B", 100},
      {"64KiB", 65536},
      {"25MiB", 26214400},
      {"1GiB", 1073741824},
      {"18446744073709551615B", std::numeric_limits<std::uint64_t>::max()},
      {"17179869183GiB", 17179869183ULL << 30},
  };
  for (const auto& [text, bytes] : cases) {
    CAPTURE(text);
    const auto parsed = parse_size(text);
    REQUIRE(parsed.has_value());
    CHECK(*parsed == bytes);
  }
}

TEST_CASE("parse_duration, parse_size: say what would be right") {
  const std::string duration_advice =
      " is not a duration: write a whole number and ms, s, m, h or d, such as \"30s\"";
  for (const std::string text :
       {"", "30", "s", "-1s", "+1s", "1.5s", "30 s", " 30s", "30s ", "30S", "30sec", "1h30m"}) {
    CAPTURE(text);
    const auto parsed = parse_duration(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().message == "\"" + text + "\"" + duration_advice);
  }
  const std::string size_advice =
      " is not a size: write a whole number and B, KiB, MiB or GiB, such as \"25MiB\"";
  for (const std::string text :
       {"", "25", "MiB", "-1B", "1.5GiB", "25 MiB", "25M", "25MB", "25mib"}) {
    CAPTURE(text);
    const auto parsed = parse_size(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().message == "\"" + text + "\"" + size_advice);
  }
}

TEST_CASE("parse_duration, parse_size: what does not fit is refused, not wrapped around") {
  for (const std::string text : {"9223372036854775808ms", "106751991168d", "18446744073709551616s",
                                 "99999999999999999999999999h"}) {
    CAPTURE(text);
    const auto parsed = parse_duration(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().message == "\"" + text + "\" is too large");
  }
  for (const std::string text : {"18446744073709551616B", "17179869184GiB"}) {
    CAPTURE(text);
    const auto parsed = parse_size(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().message == "\"" + text + "\" is too large");
  }
}

TEST_CASE("format_duration, format_size: take the largest unit that is exact") {
  CHECK(format_duration(0ms) == "0s");
  CHECK(format_duration(500ms) == "500ms");
  CHECK(format_duration(1500ms) == "1500ms");
  CHECK(format_duration(90s) == "90s");
  CHECK(format_duration(240s) == "4m");
  CHECK(format_duration(25h) == "25h");
  CHECK(format_duration(48h) == "2d");
  CHECK(format_size(0) == "0B");
  CHECK(format_size(1000) == "1000B");
  CHECK(format_size(1536 * 1024) == "1536KiB");
  CHECK(format_size(25ULL << 20) == "25MiB");
  CHECK(format_size(1ULL << 30) == "1GiB");
}

TEST_CASE("format_duration, format_size: parse back to the same") {
  for (const auto duration :
       {0ms, 1ms, 999ms, 60'000ms, 86'400'000ms, std::chrono::milliseconds::max()}) {
    CHECK(parse_duration(format_duration(duration)).value() == duration);
  }
  for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 40,
                                    std::numeric_limits<std::uint64_t>::max()}) {
    CHECK(parse_size(format_size(bytes)).value() == bytes);
  }
}
