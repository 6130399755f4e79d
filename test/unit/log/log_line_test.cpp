#include "milterd/log/log_line.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <random>

using namespace milterd;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::system_clock::time_point time_zero{};

std::string text_value(std::string_view value) {
  const LogField field{"k", value};
  std::string line;
  append_text_line(line, LogLevel::info, "e", {&field, 1});
  const std::string_view before = "info e k=";
  REQUIRE(line.starts_with(before));
  return line.substr(before.size());
}

std::string json_value(std::string_view value) {
  const LogField field{"k", value};
  std::string line;
  append_json_line(line, time_zero, LogLevel::info, "e", {&field, 1});
  const std::string_view before =
      R"({"time":"1970-01-01T00:00:00.000Z","level":"info","event":"e","k":)";
  REQUIRE(line.starts_with(before));
  REQUIRE(line.ends_with("}"));
  return line.substr(before.size(), line.size() - before.size() - 1);
}

}  // namespace

TEST_CASE("log line: time is UTC with milliseconds") {
  struct Case {
    std::chrono::milliseconds since_epoch;
    std::string_view text;
  };
  constexpr Case cases[] = {
      {0ms, "1970-01-01T00:00:00.000Z"},
      {951'827'696'789ms, "2000-02-29T12:34:56.789Z"},
      {1'795'341'600'123ms, "2026-11-22T10:00:00.123Z"},
      {9'223'372'036'854ms, "2262-04-11T23:47:16.854Z"},
  };
  for (const auto& [since_epoch, text] : cases) {
    std::string out;
    append_log_time(out, time_zero + since_epoch);
    CHECK(out == text);
  }
}

TEST_CASE("log line: text has level, event and fields in order") {
  const LogField fields[] = {{"session", "5f2c"}, {"from", "<a@example.org>"}, {"reason", ""}};
  std::string line;
  append_text_line(line, LogLevel::warn, "message.done", fields);
  CHECK(line == R"(warn message.done session=5f2c from=<a@example.org> reason="")");
  line.clear();
  append_text_line(line, LogLevel::debug, "x", {});
  append_text_line(line, LogLevel::error, "y", {});
  CHECK(line == "debug xerror y");
}

TEST_CASE("log line: JSON is one object of strings") {
  const LogField fields[] = {{"session", "5f2c"}, {"reason", "a \"b\" \\c"}};
  std::string line;
  append_json_line(line, time_zero + 1'795'341'600'123ms, LogLevel::info, "message.done", fields);
  CHECK(
      line ==
      R"({"time":"2026-11-22T10:00:00.123Z","level":"info","event":"message.done","session":"5f2c","reason":"a \"b\" \\c"})");
}

TEST_CASE("log line: values are quoted and escaped where they must be, and only there") {
  struct Case {
    std::string_view value;
    std::string_view text;
    std::string_view json;
  };
  constexpr Case cases[] = {
      {"", R"("")", R"("")"},
      {"plain", "plain", R"("plain")"},
      {"<a@b>,[192.0.2.1]:25/'x'", "<a@b>,[192.0.2.1]:25/'x'", R"("<a@b>,[192.0.2.1]:25/'x'")"},
      {"two words", R"("two words")", R"("two words")"},
      {"a=b", R"("a=b")", R"("a=b")"},
      {"say \"x\"", R"("say \"x\"")", R"("say \"x\"")"},
      {"back\\slash", R"("back\\slash")", R"("back\\slash")"},
      {"\xC3\xA4\xE2\x82\xAC", "\xC3\xA4\xE2\x82\xAC", "\"\xC3\xA4\xE2\x82\xAC\""},
      {"a\r\nb", R"("a\x0d\x0ab")", R"("a\u000d\u000ab")"},
      {"a\tb", R"("a\x09b")", R"("a\u0009b")"},
      {std::string_view("\0", 1), R"("\x00")", R"("\u0000")"},
      {"\x1B[2J", R"("\x1b[2J")", R"("\u001b[2J")"},
      {"\x7F", R"("\x7f")", R"("\u007f")"},
      {"\xC2\x9B", R"("\xc2\x9b")", R"("\u009b")"},                      // CSI, one byte in Latin-1
      {"\xE2\x80\xA8", R"("\xe2\x80\xa8")", R"("\u2028")"},              // line separator
      {"\xE2\x80\xAEx", R"("\xe2\x80\xaex")", R"("\u202ex")"},           // right to left
      {"\xFFx\xC3", R"("\xffx\xc3")", R"("\ufffdx\ufffd")"},             // not UTF-8
      {"\xC0\x8A", R"("\xc0\x8a")", R"("\ufffd\ufffd")"},                // overlong newline
      {"\xED\xA0\x80", R"("\xed\xa0\x80")", R"("\ufffd\ufffd\ufffd")"},  // surrogate
  };
  for (const auto& [value, text, json] : cases) {
    CAPTURE(text);
    CHECK(text_value(value) == text);
    CHECK(json_value(value) == json);
  }
}

TEST_CASE("log line: a hostile value cannot look like another field or another line") {
  const LogField fields[] = {
      {"helo", "x verdict=accept\n2026-11-22T10:00:00.123Z info message.done queue_id=1"},
      {"from", "\" verdict=\"accept"}};
  std::string line;
  append_text_line(line, LogLevel::info, "message.done", fields);
  CHECK(
      line ==
      R"(info message.done helo="x verdict=accept\x0a2026-11-22T10:00:00.123Z info message.done queue_id=1" from="\" verdict=\"accept")");
}

TEST_CASE("log line: values are cut at 200 bytes, visibly and between characters") {
  const std::string longest(200, 'a');
  CHECK(text_value(longest) == longest);
  CHECK(json_value(longest) == "\"" + longest + "\"");
  CHECK(text_value(longest + "a") == longest + "...");
  CHECK(json_value(longest + "a") == "\"" + longest + "...\"");
  const std::string cut_inside = std::string(199, 'a') + "\xC3\xA4";
  CHECK(text_value(cut_inside) == std::string(199, 'a') + "...");
  const std::string quoted = " " + std::string(200, 'a');
  CHECK(text_value(quoted) == "\" " + std::string(199, 'a') + "...\"");
}

TEST_CASE("log line: keys and events that are no names cannot break the line") {
  const LogField field{"a b\n\"", "v"};
  std::string line;
  append_text_line(line, LogLevel::info, "e\r\nf", {&field, 1});
  CHECK(line == "info e__f a_b__=v");
  line.clear();
  append_json_line(line, time_zero, LogLevel::info, "e\"f", {&field, 1});
  CHECK(line == R"({"time":"1970-01-01T00:00:00.000Z","level":"info","event":"e_f","a_b__":"v"})");
}

TEST_CASE("log line: whatever the bytes, text is one printable line and JSON can be parsed") {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string value(random() % 300, '\0');
    for (char& byte : value) {
      byte = static_cast<char>(random());
    }
    const LogField field{"k", value};
    std::string text;
    append_text_line(text, LogLevel::info, "e", {&field, 1});
    const auto is_control = [](char byte) {
      return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F;
    };
    REQUIRE(std::ranges::none_of(text, is_control));
    std::string json;
    append_json_line(json, time_zero, LogLevel::info, "e", {&field, 1});
    REQUIRE(json.find('\n') == std::string::npos);
    const auto object = nlohmann::json::parse(json, nullptr, false);
    REQUIRE(object.is_object());
    REQUIRE(object["k"].is_string());
  }
}

TEST_CASE("log line: is allocated once for ordinary fields") {
  const LogField fields[] = {{"client", "mx.example.org[192.0.2.1]"},
                             {"reason", std::string_view("a reason with blanks")}};
  std::string line;
  line.reserve(expected_line_size("message.done", fields));
  const std::size_t capacity = line.capacity();
  append_json_line(line, time_zero, LogLevel::info, "message.done", fields);
  CHECK(line.capacity() == capacity);
}
