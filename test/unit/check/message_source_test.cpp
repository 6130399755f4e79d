#include "milterd/check/message_source.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

TEST_CASE("mbox: divides at From lines behind empty lines, and undoes >From") {
  const auto messages = milterd::split_mbox(
      "From a@b Mon Jan  1 00:00:00 2026\nSubject: 1\n\n>From here\n>>From there\nFrom the "
      "middle\n\n"
      "From c@d Mon Jan  1 00:00:00 2026\nSubject: 2\n\nend\n");
  REQUIRE(messages.size() == 2);
  CHECK(messages[0] == "Subject: 1\n\nFrom here\n>From there\nFrom the middle\n");
  CHECK(messages[1] == "Subject: 2\n\nend\n");
  CHECK(milterd::split_mbox("").empty());
}

TEST_CASE("inputs: a directory gives all files below it in order, a missing one is named") {
  const std::string root =
      std::filesystem::temp_directory_path() / ("message_source." + std::to_string(::getpid()));
  std::filesystem::create_directories(root + "/cur");
  std::filesystem::create_directories(root + "/new");
  std::ofstream(root + "/new/2") << "x";
  std::ofstream(root + "/cur/1") << "y";
  CHECK(*milterd::list_files(root) == std::vector<std::string>{root + "/cur/1", root + "/new/2"});
  CHECK(*milterd::list_files(root + "/cur/1") == std::vector<std::string>{root + "/cur/1"});
  CHECK(*milterd::read_file(root + "/cur/1") == "y");
  CHECK(milterd::list_files(root + "/none").error().message ==
        "cannot read '" + root + "/none': No such file or directory");
  CHECK(milterd::read_file(root).error().message == "cannot read '" + root + "': Is a directory");
  std::filesystem::remove_all(root);
}
