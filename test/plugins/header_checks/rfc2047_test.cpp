#include "plugins/header_checks/rfc2047.hpp"

#include <string>
#include <utility>
#include <vector>

#include "doctest/doctest.h"

using namespace milterd::header_checks;

TEST_CASE("encoded words are decoded to UTF-8") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"Subject: plain", "Subject: plain"},
      {"", ""},
      {"Subject: =?utf-8?Q?caf=C3=A9_=3f?=", "Subject: caf\xC3\xA9 ?"},
      {"Subject: =?UTF-8?b?Y2Fmw6k=?=", "Subject: caf\xC3\xA9"},
      {"Subject: =?utf-8?B?Y2Fmw6k?= now", "Subject: caf\xC3\xA9 now"},
      {"=?iso-8859-1?q?caf=E9?=", "caf\xC3\xA9"},
      {"=?iso-8859-1*fr?q?caf=E9?=", "caf\xC3\xA9"},
      {"=?windows-1251?B?z/Do4uXy?=", "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82"},
      {"=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "\xE6\x97\xA5\xE6\x9C\xAC"},
      {"=?gb2312?B?1tC5+g==?=", "\xE4\xB8\xAD\xE5\x9B\xBD"},
      {"=?us-ascii?q?\?=x", "x"},
      // where they stand does not matter
      {"a=?utf-8?q?b?=c", "abc"},
      {"\"=?utf-8?q?b?=\" <c@d>", "\"b\" <c@d>"},
      // white space between two words is none of the text
      {"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"},
      {"=?utf-8?q?a?=\n =?utf-8?q?b?= \t=?utf-8?q?c?=", "abc"},
      {"=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"},
      {"=?utf-8?q?a?=\n x\n y", "a\n x\n y"},
      {"=?utf-8?q?a?= ", "a "},
      {"=?iso-8859-1?q?=E9?= =?utf-8?q?=C3=A9?=", "\xC3\xA9\xC3\xA9"},
      // a character that is cut in two by the end of a word
      {"=?utf-8?q?caf=C3?= =?UTF-8?q?=A9?=", "caf\xC3\xA9"},
      {"=?utf-8?B?w6k=?= =?utf-8?q?=C3=A9?=", "\xC3\xA9\xC3\xA9"},
      // no line may be made, and none be ended early
      {"=?utf-8?q?a=0D=0AX-Evil:_b=00c?=", "a  X-Evil: b c"},
      // bytes that are no characters
      {"=?utf-8?q?a=FFb?=",
       "a\xEF\xBF\xBD"
       "b"},
      {"=?utf-8?q?a=C3?=", "a\xEF\xBF\xBD"},
  };
  for (const auto& [header, text] : cases) {
    CAPTURE(header);
    CHECK(decode_header(header) == text);
  }
}

TEST_CASE("a long word is decoded whole") {
  std::string header;
  std::string text;
  for (int n = 0; n < 1'000; ++n) {
    header += "a=E9";
    text += "a\xC3\xA9";
  }
  CHECK(decode_header("=?iso-8859-1?q?" + header + "?=") == text);
}

TEST_CASE("what is no encoded word stays as it is") {
  const std::vector<std::string> cases = {
      "=?",
      "=?utf-8",
      "=?utf-8?q",
      "=?utf-8?q?",
      "=?utf-8?q?abc",
      "=?utf-8?q?abc?",
      "=?utf-8?q?abc?x",
      "=?utf-8?x?abc?=",
      "=?utf-8?qq?abc?=",
      "=?utf-8?\?abc?=",
      "=?utf-8?q?=4?=",
      "=?utf-8?q?=GG?=",
      "=?utf-8?q?a b?=",
      "=?utf-8?q?a\tb?=",
      "=?utf-8?q?a\xE9?=",
      "=?utf-8?b?a*b=?=",
      "=?utf-8?b?abcde?=",
      "=?utf-8?b?ab=c?=",
      "=?no-such-charset?q?abc?=",
      "=?no-such-charset?q?abc?= \n =?no-such-charset?q?def?=",
      "=?../../x?q?abc?=",
      "=??q?abc?=",
      "a = ? b ?= c",
      "  \n\t x",
      "caf\xE9 \xFF",
  };
  for (const auto& header : cases) {
    CAPTURE(header);
    CHECK(decode_header(header) == header);
  }
  CHECK(decode_header("=?utf-8?q?=?= =?utf-8?q?b?=") == "=?utf-8?q?=?= b");
  CHECK(decode_header("=?x?q?a?= =?utf-8?q?b?= =?x?q?c?=") == "=?x?q?a?= b =?x?q?c?=");
}

TEST_CASE("a long header of many charsets and words is decoded in bounded time and space") {
  std::string header = "Subject:";
  std::string text = "Subject:";
  for (int n = 0; n < 3000; ++n) {
    header += n % 2 == 0 ? " =?iso-8859-5?q?=B0?=" : " =?koi8-r?q?=E1?=";
    text += n == 0 ? " \xD0\x90" : "\xD0\x90";
  }
  CHECK(decode_header(header) == text);
  const std::string open(1024 * 1024, '=');
  CHECK(decode_header(open) == open);
  std::string marks;
  for (int n = 0; n < 100'000; ++n) {
    marks += "=?a?q?";
  }
  CHECK(decode_header(marks) == marks);
}
