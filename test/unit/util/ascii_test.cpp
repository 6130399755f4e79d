#include "milterd/ascii.hpp"

#include <doctest/doctest.h>

using namespace milterd;

TEST_CASE("equal_ignoring_case: compares ASCII letters in either case and nothing else") {
  CHECK(equal_ignoring_case("", ""));
  CHECK(equal_ignoring_case("DKIM-Signature", "dkim-signature"));
  CHECK_FALSE(equal_ignoring_case("DKIM", "DKIM-Signature"));
  CHECK_FALSE(equal_ignoring_case("@[`{", "`{@["));
  CHECK_FALSE(equal_ignoring_case("\xC4", "\xE4"));
}

TEST_CASE("to_lower: leaves every byte alone that is no capital letter") {
  for (int value = 0; value < 256; ++value) {
    const char byte = static_cast<char>(value);
    const bool capital = value >= 'A' && value <= 'Z';
    CHECK(to_lower(byte) == (capital ? static_cast<char>(value + 32) : byte));
  }
}
