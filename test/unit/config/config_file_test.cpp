#include "milterd/config/config_file.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include "test/unit/config/problems_text.hpp"

using namespace milterd;

namespace {

/// A file under a name of its own, gone with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("milterd_config_test." + std::to_string(getpid()))) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::filesystem::remove(path_); }

  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("config file: is read from its path, and the path stands in front of each fault") {
  const TemporaryFile good("[milter]\nuser = \"milterd\"\n");
  const auto read = ConfigFile::read(good.path());
  CHECK(read->ok());
  CHECK(read->config().milter.user == "milterd");
  CHECK(problems_text(*read).empty());

  const TemporaryFile bad("[milter]\nuser = 3\n");
  CHECK(problems_text(*ConfigFile::read(bad.path())) ==
        bad.path() +
            ":2:8: error: 'user' must be a string, got 3\n"
            "    2 | user = 3\n"
            "      |        ^\n");
}

TEST_CASE("config file: one that cannot be read is one fault that says what to do") {
  const auto missing = ConfigFile::read("/nonexistent/milterd.toml");
  CHECK_FALSE(missing->ok());
  CHECK(problems_text(*missing) ==
        "/nonexistent/milterd.toml: error: cannot read the configuration: No such file or "
        "directory; name another file with --config\n");
  CHECK(problems_text(*ConfigFile::read("/")) ==
        "/: error: cannot read the configuration: Is a directory; name another file with "
        "--config\n");
}

TEST_CASE("config file: one larger than 1MiB is refused, one of 1MiB is not") {
  const std::string line = "# a comment line of 32 characters\n";
  std::string text;
  while (text.size() + line.size() <= 1024 * 1024) {
    text += line;
  }
  text.resize(1024 * 1024, '\n');
  const TemporaryFile fitting(text);
  CHECK(ConfigFile::read(fitting.path())->ok());
  const TemporaryFile larger(text + "\n");
  CHECK(problems_text(*ConfigFile::read(larger.path())) ==
        larger.path() +
            ": error: larger than 1MiB, as no configuration is; name the right file with "
            "--config\n");
}

TEST_CASE("config file: a line that would nest tables without end is refused") {
  std::string text = "\n";
  for (int i = 0; i < 100'000; ++i) {
    text += "a.";
  }
  const auto file = ConfigFile::parse(text + "a = 1\n", "milterd.toml");
  REQUIRE(file->problems().size() == 1);
  CHECK(file->problems()[0].text.starts_with(
      "milterd.toml:2:1: error: a line may have 16KiB; break the list into several lines\n"));
}

TEST_CASE("config file: an empty one is legal and gives the defaults, without stages") {
  const auto file = ConfigFile::parse("", "milterd.toml");
  file->check_unknown_keys();
  CHECK(file->ok());
  CHECK(file->problems().empty());
  CHECK(file->config().stages.empty());
  CHECK(file->config().milter.socket == "inet:127.0.0.1:8891");
  CHECK(file->config().milter.socket_mode == 0660);
  CHECK(file->config().limits.message_size == 100 * 1024 * 1024);
}

TEST_CASE("config file: prints all settings with their defaults, the unset ones as comments") {
  const auto file = ConfigFile::parse(
      "[[stage]]\nplugin = \"dkim\"\n[[stage]]\nname = \"av\"\nshadow = true\nplugin = \"clamav\"\n"
      "[log]\nlevel = \"debug\"\n",
      "milterd.toml");
  REQUIRE(file->ok());
  file->config().stages[0].section->strings("mode", {"verify"});
  const std::string expected = R"([milter]
socket = "inet:127.0.0.1:8891"
socket_mode = "0660"
# socket_group = ""
# user = ""
# authserv_id = ""
# plugin_directory = ""

[limits]
sessions = 2000
header_size = "256KiB"
header_count = 2000
message_size = "100MiB"
message_memory = "2MiB"
recipients = 10000
command_time = "25s"
message_time = "4m"
drain_time = "30s"
spool_directory = "/tmp"
on_header_limit = "reject"
on_message_limit = "reject"
on_recipient_limit = "tempfail"

[dns]
# nameservers = []
timeout = "5s"
# trust_anchor_file = ""

[log]
level = "debug"
format = "text"
target = "stderr"

[[stage]]
plugin = "dkim"
name = "dkim"
on_error = "tempfail"
timeout = "0s"
shadow = false
mode = ["verify"]

[[stage]]
plugin = "clamav"
name = "av"
on_error = "tempfail"
timeout = "0s"
shadow = true
)";
  CHECK(file->print() == expected);

  const auto again = ConfigFile::parse(expected, "printed");
  CHECK(problems_text(*again).empty());
  again->config().stages.at(0).section->strings("mode", {"sign"});
  again->check_unknown_keys();
  CHECK(problems_text(*again).empty());
  CHECK(again->print() == expected);
}
