#include "milterd/message/body_buffer.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <string>
#include <unistd.h>

using milterd::BodyBuffer;

namespace {

std::string pattern(std::size_t size) {
  std::string text(size, 'x');
  for (std::size_t at = 0; at < size; at += 7) {
    text[at] = static_cast<char>('a' + at % 26);
  }
  return text;
}

std::size_t open_files() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("body_buffer: gives back every byte, in memory, at the limit and beyond it") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{999},
                                 std::size_t{1000}, std::size_t{1001}, std::size_t{200'000}}) {
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{65'535}}) {
      if (size > 10'000 && chunk == 1) {
        continue;
      }
      CAPTURE(size);
      CAPTURE(chunk);
      BodyBuffer buffer(1000, "/tmp");
      const std::string text = pattern(size);
      for (std::size_t at = 0; at < size; at += chunk) {
        REQUIRE(buffer.append(std::string_view(text).substr(at, chunk)));
      }
      CHECK(buffer.size() == size);
      const auto view = buffer.view();
      REQUIRE(view);
      CHECK(*view == text);
    }
  }
}

TEST_CASE("body_buffer: may grow after it was viewed") {
  BodyBuffer buffer(10, "/tmp");
  REQUIRE(buffer.append("0123456789abc"));
  CHECK(*buffer.view() == "0123456789abc");
  REQUIRE(buffer.append("def"));
  CHECK(*buffer.view() == "0123456789abcdef");
}

TEST_CASE("body_buffer: a file takes one descriptor, has no name, and goes with the buffer") {
  const std::string directory =
      std::filesystem::temp_directory_path() / ("body_buffer_test." + std::to_string(::getpid()));
  std::filesystem::create_directory(directory);
  const std::size_t before = open_files();
  {
    BodyBuffer buffer(10, directory);
    REQUIRE(buffer.append("more than ten bytes"));
    CHECK(open_files() == before + 1);
    CHECK(std::filesystem::is_empty(directory));
  }
  CHECK(open_files() == before);
  std::filesystem::remove(directory);
}

TEST_CASE("body_buffer: a directory that is not there is an error that names it") {
  BodyBuffer buffer(10, "/nonexistent/spool");
  const auto appended = buffer.append("more than ten bytes");
  REQUIRE_FALSE(appended);
  CHECK(
      appended.error().message ==
      "cannot make a file for a large message in '/nonexistent/spool': No such file or directory");
}
