#include "milterd/check/message_reader.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using milterd::first_address;
using milterd::read_message;

namespace {

std::string text(const milterd::ReadMessage& message) {
  std::string all;
  for (const auto& [name, value] : message.fields) {
    all.append("[").append(name).append("|").append(value).append("]");
  }
  return all + message.body;
}

}  // namespace

TEST_CASE(
    "message reader: takes LF and CRLF, with and without a last line end, as the same message") {
  for (const char* bytes : {"A: 1\nB: 2\n\nx\ny\n", "A: 1\r\nB: 2\r\n\r\nx\r\ny\r\n",
                            "A: 1\nB: 2\n\nx\ny", "A: 1\r\nB: 2\r\n\r\nx\r\ny",
                            "From someone Mon Jan  1 00:00:00 2026\nA: 1\nB: 2\n\nx\ny\n"}) {
    CAPTURE(bytes);
    CHECK(text(read_message(bytes)) == "[A| 1][B| 2]x\r\ny\r\n");
  }
  CHECK(read_message("A: 1\r\n\r\n").crlf);
  CHECK_FALSE(read_message("A: 1\n\n").crlf);
}

TEST_CASE("message reader: finds where the header ends") {
  struct Case {
    std::string bytes, read;
  };
  for (const auto& [bytes, read] : std::vector<Case>{
           {"", ""},
           {"\n", ""},
           {"A: 1", "[A| 1]"},
           {"A:1\n\n", "[A|1]"},
           {"A:\n\n\n", "[A|]\r\n"},
           {"A: 1\n 2\n\t3\n\nb", "[A| 1\r\n 2\r\n\t3]b\r\n"},
           {"A : 1\n\nb", "[A| 1]b\r\n"},
           {"A: 1\r2\n 3\r\r\n\nb\rc\r\r\n", "[A| 1 2\r\n 3]b c\r\n"},
           {"A: 1\nno field\nB: 2\n\n", "[A| 1]no field\r\nB: 2\r\n\r\n"},
           {"just text\n", "just text\r\n"},
           {" starts folded\nA: 1\n", " starts folded\r\nA: 1\r\n"},
           {": no name\n", ": no name\r\n"},
           {"\nA: 1\n", "A: 1\r\n"},
       }) {
    CAPTURE(bytes);
    CHECK(text(read_message(bytes)) == read);
  }
}

TEST_CASE("message reader: keeps NUL and 8-bit bytes of the body; a field ends at a NUL") {
  using namespace std::string_literals;
  const auto message = read_message("A: 1\0 2\n 3\nB: 4\n\na\0b\xff\n"s);
  CHECK(text(message) == "[A| 1][B| 4]a\0b\xff\r\n"s);
}

TEST_CASE("message reader: makes an address out of From and To") {
  struct Case {
    std::string value, address;
  };
  for (const auto& [value, address] : std::vector<Case>{
           {" a@b.c", "a@b.c"},
           {" \"A, B\" <a@b.c>", "a@b.c"},
           {" A <x@y>, B <z@w>", "z@w"},
           {" undisclosed-recipients:;", ""},
           {"\r\n a@b.c (A)", "a@b.c"},
           {" <>", ""},
           {" broken <a@b", "a@b"},
           {"", ""},
       }) {
    CAPTURE(value);
    CHECK(first_address(value) == address);
  }
}
