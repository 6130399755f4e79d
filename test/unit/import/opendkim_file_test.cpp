#include "milterd/import/opendkim_file.hpp"

#include <cstdio>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace milterd {
namespace {

class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "opendkim_file.XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path(name);
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

OpendkimSetting only_setting(std::string_view line) {
  auto settings = parse_opendkim_text(line, "f");
  REQUIRE(settings.size() == 1);
  return settings.front();
}

TEST_CASE("a line is a name and the rest, without blanks, comment or carriage return") {
  struct Row {
    const char* line;
    const char* name;
    const char* value;
  };
  for (const auto& [line, name, value] : {
           Row{"Selector s1", "Selector", "s1"},
           Row{"  Selector\t \ts1 \t", "Selector", "s1"},
           Row{"Selector s1#comment", "Selector", "s1"},
           Row{"Selector s1\rmore", "Selector", "s1"},
           Row{"KeyTable csl:a=b:c:/d, e=f:g:/h", "KeyTable", "csl:a=b:c:/d, e=f:g:/h"},
           Row{"syslog Yes", "syslog", "Yes"},
       }) {
    CAPTURE(line);
    const OpendkimSetting setting = only_setting(line);
    CHECK(setting.name == name);
    CHECK(setting.value == value);
    CHECK(setting.fault == "");
    CHECK(setting.place == "f:1");
    CHECK(setting.option == find_opendkim_option(name));
  }
}

TEST_CASE("lines that set nothing are skipped, but counted") {
  const auto settings = parse_opendkim_text("\n# Selector a\n   \t\nSelector b", "f");
  REQUIRE(settings.size() == 1);
  CHECK(settings.front().place == "f:4");
}

TEST_CASE("what opendkim would not start with is a fault, and reading goes on") {
  const auto settings =
      parse_opendkim_text("Selektor a\nSelector\nSyslog maybe\nKeyFile #x\nMode v\n", "f");
  REQUIRE(settings.size() == 5);
  CHECK(settings[0].fault == "opendkim has no such option; did you mean Selector?");
  CHECK(settings[0].option == nullptr);
  CHECK(settings[1].fault == "the value is missing");
  CHECK(settings[2].fault == "the value must begin with one of T, Y, 1, F, N, 0");
  CHECK(settings[3].fault == "the value is missing");
  CHECK(settings[4].fault == "");
}

TEST_CASE("an included file stands where it is included") {
  const Directory directory;
  const std::string inner = directory.write("inner", "Selector b\n");
  const std::string outer =
      directory.write("outer", "Selector a\nInclude " + inner + "\nSelector c\n");
  const auto settings = read_opendkim_file(outer);
  REQUIRE(settings.has_value());
  REQUIRE(settings->size() == 4);
  CHECK((*settings)[1].name == "Include");
  CHECK((*settings)[2].value == "b");
  CHECK((*settings)[2].place == inner + ":1");
  CHECK((*settings)[3].place == outer + ":3");
}

TEST_CASE("an include that cannot be read is a fault of its line") {
  const Directory directory;
  const std::string missing = directory.path("missing");
  CHECK(only_setting("Include " + missing).fault ==
        "cannot read '" + missing + "': No such file or directory");
  CHECK(only_setting("Include " + directory.path("")).fault ==
        "cannot read '" + directory.path("") + "': it is not a regular file");
}

TEST_CASE("a file that includes itself ends") {
  const Directory directory;
  const std::string file = directory.path("loop");
  directory.write("loop", "Include " + file + "\nInclude " + file + "\n");
  const auto settings = read_opendkim_file(file);
  REQUIRE(settings.has_value());
  CHECK(settings->size() == 126);
  CHECK((*settings)[5].fault == "files include each other more than 5 levels deep");
}

TEST_CASE("a file that cannot be read is an error") {
  const Directory directory;
  const auto missing = read_opendkim_file(directory.path("missing"));
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().message ==
        "cannot read '" + directory.path("missing") + "': No such file or directory");
  const std::string pipe = directory.path("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const auto waiting = read_opendkim_file(pipe);
  REQUIRE_FALSE(waiting.has_value());
  CHECK(waiting.error().message == "cannot read '" + pipe + "': it is not a regular file");
  const auto large =
      read_opendkim_file(directory.write("large", std::string(1024 * 1024 + 1, '#')));
  REQUIRE_FALSE(large.has_value());
  CHECK(large.error().message ==
        "cannot read '" + directory.path("large") + "': it has more than 1048576 bytes");
}

TEST_CASE("of very many options the rest is not read, and that is said") {
  std::string text;
  for (int i = 0; i < 10'001; ++i) {
    text += "Mode v\n";
  }
  const auto settings = parse_opendkim_text(text, "f");
  REQUIRE(settings.size() == 10'000);
  CHECK(settings.back().fault == "these are too many options; nothing behind this one is read");
}

}  // namespace
}  // namespace milterd
