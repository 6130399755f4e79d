#include "milterd/util/utf8.hpp"

#include <doctest/doctest.h>

using namespace milterd;

TEST_CASE("first_code_point: reads what RFC 3629 allows and nothing else") {
  struct Case {
    std::string_view bytes;
    char32_t value;
    std::size_t size;  // 0: not valid
  };
  constexpr Case cases[] = {
      {"a", 'a', 1},
      {"\x7F", 0x7F, 1},
      {"\xC2\x80", 0x80, 2},
      {"\xC3\xA4x", 0xE4, 2},
      {"\xE0\xA0\x80", 0x800, 3},
      {"\xE2\x82\xAC", 0x20AC, 3},
      {"\xEF\xBF\xBF", 0xFFFF, 3},
      {"\xF0\x90\x80\x80", 0x10000, 4},
      {"\xF4\x8F\xBF\xBF", 0x10FFFF, 4},
      {"\x80", 0, 0},              // a continuation byte alone
      {"\xC3", 0, 0},              // cut short
      {"\xE2\x82", 0, 0},          //
      {"\xC3(", 0, 0},             // no continuation
      {"\xC0\x80", 0, 0},          // overlong
      {"\xE0\x9F\xBF", 0, 0},      //
      {"\xF0\x8F\xBF\xBF", 0, 0},  //
      {"\xED\xA0\x80", 0, 0},      // a surrogate
      {"\xF4\x90\x80\x80", 0, 0},  // beyond U+10FFFF
      {"\xFF", 0, 0},
  };
  for (const auto& [bytes, value, size] : cases) {
    CAPTURE(bytes);
    const CodePoint found = first_code_point(bytes);
    CHECK(found.size == size);
    CHECK(static_cast<std::uint32_t>(found.value) == static_cast<std::uint32_t>(value));
  }
}

TEST_CASE("acts_on_display: names controls and marks of direction, not letters") {
  for (const char32_t code_point : {U'\0', U'\n', U'\x1B', U'\x7F', U'\x85', U'\x9B', U'\u200E',
                                    U'\u2028', U'\u2029', U'\u202E', U'\u2066', U'\u2069'}) {
    CAPTURE(static_cast<std::uint32_t>(code_point));
    CHECK(acts_on_display(code_point));
  }
  for (const char32_t code_point : {U' ', U'~', U'\u00A0', U'\u00E4', U'\u2010', U'\u20AC'}) {
    CAPTURE(static_cast<std::uint32_t>(code_point));
    CHECK_FALSE(acts_on_display(code_point));
  }
}

TEST_CASE("cut_utf8: never cuts inside a sequence") {
  CHECK(cut_utf8("abc", 3) == "abc");
  CHECK(cut_utf8("abcd", 3) == "abc");
  CHECK(cut_utf8("ab\xE2\x82\xAC", 4) == "ab");
  CHECK(cut_utf8("ab\xE2\x82\xAC", 5) == "ab\xE2\x82\xAC");
  CHECK(cut_utf8("\xF0\x90\x80\x80", 3) == "");
  CHECK(cut_utf8("abc", 0) == "");
}
