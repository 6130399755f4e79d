#include "plugins/dkim/base64.hpp"

#include <doctest/doctest.h>
#include <string>

using milterd::dkim::decode_base64;
using milterd::dkim::encode_base64;

TEST_CASE("data and its base64, with RFC 4648's examples") {
  struct Case {
    const char *data, *text;
  };
  for (const auto& [data, text] :
       {Case{"f", "Zg=="}, Case{"fo", "Zm8="}, Case{"foo", "Zm9v"}, Case{"foob", "Zm9vYg=="},
        Case{"fooba", "Zm9vYmE="}, Case{"foobar", "Zm9vYmFy"}}) {
    CAPTURE(text);
    CHECK(encode_base64(data) == text);
    CHECK(decode_base64(text) == data);
  }
  CHECK(encode_base64("").empty());
}

TEST_CASE("bytes beyond text come through") {
  const std::string data("\0\xff\x80\n", 4);
  CHECK(decode_base64(encode_base64(data)) == data);
}

TEST_CASE("padding may be missing") {
  CHECK(decode_base64("Zg") == "f");
  CHECK(decode_base64("Zm8") == "fo");
}

TEST_CASE("what is no base64 is not decoded") {
  for (const char* text : {"", "=", "Z", "Zm9vY", "Zg===", "Zm 9v", "Zm9v\n", "Zm9!", "Z=g="}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text));
  }
}
