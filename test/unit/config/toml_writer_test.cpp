#include "milterd/config/toml_writer.hpp"

#include <doctest/doctest.h>
#include <vector>

#include "milterd/config/config_file.hpp"

using namespace milterd;

TEST_CASE("toml writer: strings are escaped as TOML asks") {
  CHECK(write_toml_string("") == R"("")");
  CHECK(write_toml_string("plain \xC3\xA4") == "\"plain \xC3\xA4\"");
  CHECK(write_toml_string("a\"b\\c\n\x1B\x7F") == R"("a\"b\\c\u000A\u001B\u007F")");
}

TEST_CASE("toml writer: lists stand in one line") {
  CHECK(write_toml_list({}) == "[]");
  CHECK(write_toml_list(std::vector<std::string>{"a"}) == R"(["a"])");
  CHECK(write_toml_list(std::vector<std::string>{"a", "b\"c"}) == R"(["a", "b\"c"])");
}

TEST_CASE("toml writer: what was written reads back to the same") {
  std::string text = "\xE2\x82\xAC";
  for (int code = 1; code < 128; ++code) {
    text += static_cast<char>(code);
  }
  const auto file =
      ConfigFile::parse("[milter]\nuser = " + write_toml_string(text) + "\n", "written");
  CHECK(file->ok());
  CHECK(file->config().milter.user == text);
}
