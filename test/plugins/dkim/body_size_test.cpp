#include "plugins/dkim/verifying/body_size.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"

using milterd::dkim::canonical_body_size;

TEST_CASE("the canonical body is counted as RFC 6376 makes it") {
  struct Case {
    std::string body;
    std::uint64_t simple;
    std::uint64_t relaxed;
  };
  for (const Case& one : std::vector<Case>{
           {"", 2, 0},
           {"\r\n\r\n", 2, 0},
           {"a", 3, 3},
           {"a\r\n", 3, 3},
           {"a\r\n\r\n\r\n", 3, 3},
           {"\r\n\r\na\r\n", 7, 7},
           {" C \r\nD \t E\r\n\r\n\r\n", 5 + 7, 4 + 5},
           {" \t\r\n", 4, 0},
           {"a  b\t\tc  \r\n \r\nd\r\n", 11 + 3 + 3, 7 + 2 + 3},
       }) {
    CAPTURE(one.body);
    CHECK(canonical_body_size(one.body, false) == one.simple);
    CHECK(canonical_body_size(one.body, true) == one.relaxed);
  }
}
