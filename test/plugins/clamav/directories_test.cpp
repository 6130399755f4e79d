#include <doctest/doctest.h>
#include <filesystem>
#include <optional>
#include <sys/file.h>
#include <sys/stat.h>

#include "plugins/clamav/database/database_directory.hpp"
#include "plugins/clamav/scanning/temporary_directory.hpp"
#include "signature_directory.hpp"

namespace milterd::clamav {
namespace {

using test::SignatureDirectory;

std::vector<std::string> names(const std::string& directory) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    found.push_back(entry.path().filename().string());
  }
  return found;
}

DatabaseFiles listed(const std::string& directory) {
  Result<DatabaseFiles> files = list_database_files(directory);
  REQUIRE(files.has_value());
  return *files;
}

TEST_CASE("a database directory's state counts what libclamav loads, and nothing else") {
  const SignatureDirectory directory;
  CHECK(listed(directory.path()).directory_exists);
  CHECK(listed(directory.path()).files.empty());
  for (const char* name : {"freshclam.dat", "x.ndb.tmp", "README", "ndb", ".lock"}) {
    directory.write(name, "x");
  }
  std::filesystem::create_directory(directory.path() + "/tmp.cvd");
  CHECK(listed(directory.path()).files.empty());
  directory.write("b.HDB", "x");
  directory.write(".a.ndb", "xy");
  const DatabaseFiles files = listed(directory.path());
  REQUIRE(files.files.size() == 2);
  CHECK(files.files[0].name == ".a.ndb");
  CHECK(files.files[0].size == 2);
  CHECK(files.files[1].name == "b.HDB");
}

TEST_CASE("a database directory's state changes with every change of a file") {
  const SignatureDirectory directory;
  directory.write("a.ndb", "one");
  const DatabaseFiles first = listed(directory.path());
  CHECK(first == listed(directory.path()));
  directory.write("b.ndb", "two");
  CHECK(first != listed(directory.path()));
  directory.remove("b.ndb");
  CHECK(first == listed(directory.path()));
  // Same size, put there by rename as freshclam does.
  directory.write("new.tmp", "eno");
  std::filesystem::rename(directory.path() + "/new.tmp", directory.path() + "/a.ndb");
  CHECK(first != listed(directory.path()));
}

TEST_CASE("a missing directory is a state, a file in its place is an error") {
  const SignatureDirectory directory;
  CHECK_FALSE(listed(directory.path() + "/none").directory_exists);
  directory.write("file", "");
  const Result<DatabaseFiles> files = list_database_files(directory.path() + "/file");
  REQUIRE_FALSE(files.has_value());
  CHECK(files.error().message == "cannot read the signature database directory '" +
                                     directory.path() + "/file': Not a directory");
}

TEST_CASE("the version is daily's, else main's") {
  test::start_libclamav_once();
  const SignatureDirectory directory;
  const auto header = [](const char* version) {
    std::string text = std::string("ClamAV-VDB:07 Sep 2022 04-00 -0400:") + version +
                       ":6647427:90:0123456789abcdef0123456789abcdef:sig:builder:1662500000";
    text.resize(512, ' ');
    return text;
  };
  const auto version = [&] {
    return database_origin(directory.path(), listed(directory.path())).version;
  };
  directory.write("local.ndb", "x");
  CHECK(version() == 0);
  directory.write("main.cvd", header("62"));
  CHECK(version() == 62);
  directory.write("daily.cvd", header("27000"));
  CHECK(version() == 27000);
  directory.write("daily.cld", header("27001"));
  CHECK(version() == 27001);
}

TEST_CASE("a temporary directory is private and goes with its owner") {
  const SignatureDirectory base;
  std::string path;
  {
    const Result<TemporaryDirectory> directory = TemporaryDirectory::create(base.path());
    REQUIRE(directory.has_value());
    path = directory->path();
    struct stat status = {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0700);
    std::filesystem::create_directories(path + "/scan/part");
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(names(base.path()).empty());
}

TEST_CASE("a new temporary directory clears what a killed process left, not what is in use") {
  const SignatureDirectory base;
  const std::string abandoned = base.path() + "/milterd-clamav-abcdef";
  std::filesystem::create_directories(abandoned + "/scan");
  std::filesystem::create_directories(base.path() + "/other");
  const Result<TemporaryDirectory> first = TemporaryDirectory::create(base.path());
  const Result<TemporaryDirectory> second = TemporaryDirectory::create(base.path());
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK_FALSE(std::filesystem::exists(abandoned));
  CHECK(std::filesystem::exists(base.path() + "/other"));
  CHECK(std::filesystem::exists(first->path()));
  CHECK(std::filesystem::exists(second->path()));
}

TEST_CASE("a temporary directory that cannot be made is an error that says where") {
  const Result<TemporaryDirectory> directory = TemporaryDirectory::create("/nowhere/at/all");
  REQUIRE_FALSE(directory.has_value());
  CHECK(directory.error().message ==
        "cannot make a directory for temporary files in '/nowhere/at/all': No such file or "
        "directory");
}

}  // namespace
}  // namespace milterd::clamav
