#include "plugins/dkim/keys/key_file_safety.hpp"

#include <filesystem>
#include <pwd.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "doctest/doctest.h"
#include "test/plugins/dkim/temporary_directory.hpp"

using namespace milterd;
using namespace milterd::dkim;
using milterd::dkim::test::TemporaryDirectory;

namespace {

constexpr uid_t stranger = 54321;
constexpr gid_t foreign_group = 54322;

/// "" where there is none.
std::string fault_of(const std::string& path,
                     const KeyReaderIdentity& reader = KeyReaderIdentity::current()) {
  const auto fault = find_key_file_fault(path, reader);
  if (!fault) {
    return "error: " + fault.error().message;
  }
  return *fault ? (*fault)->text : "";
}

KeyReaderIdentity without_groups() { return {.user = geteuid(), .groups = {foreign_group}}; }

std::string name_of(uid_t user) {
  const struct passwd* entry = getpwuid(user);
  return entry == nullptr ? std::to_string(user) : entry->pw_name;
}

}  // namespace

TEST_CASE("a key file that its owner alone can read is safe") {
  const TemporaryDirectory directory;
  for (const mode_t mode : {0600U, 0400U, 0640U, 0700U}) {
    CHECK(fault_of(directory.write("key.pem", "key", mode)).empty());
  }
}

TEST_CASE("the group may read a key only if its reader is in it") {
  const TemporaryDirectory directory;
  const std::string key = directory.write("key.pem", "key", 0640);
  CHECK(fault_of(key).empty());
  CHECK(fault_of(key, without_groups()) ==
        "it has mode 0640, so that a group can read it that its user is not in; run: chmod 0600 " +
            key);
}

TEST_CASE("a key file that others can read or write is not safe, and the cure is told") {
  const TemporaryDirectory directory;
  struct Case {
    mode_t mode;
    std::string text;
  };
  for (const Case& one : std::vector<Case>{{0644, "0644, so that everybody can read or use it"},
                                           {0604, "0604, so that everybody can read or use it"},
                                           {0602, "0602, so that everybody can read or use it"},
                                           {0777, "0777, so that everybody can read or use it"},
                                           {0660, "0660, so that its group can write it"},
                                           {0620, "0620, so that its group can write it"}}) {
    const std::string key = directory.write("key.pem", "key", one.mode);
    CHECK(fault_of(key) == "it has mode " + one.text + "; run: chmod 0600 " + key);
    chmod(key.c_str(), 0600);
    CHECK(fault_of(key).empty());
  }
}

TEST_CASE("a directory that others can write is not safe, wherever it is on the path") {
  const TemporaryDirectory directory;
  const std::string key = directory.write("a/b c/key.pem", "key");
  const std::string upper = directory.path() + "/a";
  const std::string lower = upper + "/b c";
  chmod(lower.c_str(), 0757);
  CHECK(fault_of(key) == "directory '" + lower +
                             "' has mode 0757, so that everybody can replace the key; run: chmod "
                             "o-w '" +
                             lower + "'");
  // Nobody but the owners can replace files there.
  chmod(lower.c_str(), 01777);
  CHECK(fault_of(key).empty());
  chmod(lower.c_str(), 0755);
  chmod(upper.c_str(), 0775);
  const std::string group_writes = "directory '" + upper +
                                   "' has mode 0775, so that its group can replace the key; run: "
                                   "chmod g-w " +
                                   upper;
  if (geteuid() == 0) {
    CHECK(fault_of(key).empty());
    REQUIRE(chown(upper.c_str(), 0, foreign_group) == 0);
  }
  CHECK(fault_of(key) == group_writes);
  chmod(upper.c_str(), 0777);
  CHECK(fault_of(key) ==
        "directory '" + upper +
            "' has mode 0777, so that everybody can replace the key; run: chmod go-w " + upper);
  chmod(upper.c_str(), 0755);
  CHECK(fault_of(key).empty());
}

TEST_CASE("the path is followed through symbolic links") {
  const TemporaryDirectory directory;
  directory.write("real/key.pem", "key");
  std::filesystem::create_symlink("real", directory.path() + "/link");
  CHECK(fault_of(directory.path() + "/link/key.pem").empty());
  chmod((directory.path() + "/real").c_str(), 0757);
  CHECK(fault_of(directory.path() + "/link/key.pem") ==
        "directory '" + directory.path() +
            "/real' has mode 0757, so that everybody can replace the key; run: chmod o-w " +
            directory.path() + "/real");
}

TEST_CASE("a link that others can replace is not safe, wherever it leads") {
  const TemporaryDirectory directory;
  const std::string open = directory.path() + "/open";
  const std::string link = open + "/link.pem";
  const std::string key = directory.write("closed/key.pem", "key");
  std::filesystem::create_directory(open);
  std::filesystem::create_symlink("../closed/key.pem", link);
  std::filesystem::create_symlink("open/link.pem", directory.path() + "/outer.pem");
  chmod(open.c_str(), 0755);
  for (const std::string& path : {link, directory.path() + "/outer.pem"}) {
    CAPTURE(path);
    CHECK(fault_of(path).empty());
    chmod(open.c_str(), 0757);
    CHECK(fault_of(path) == "directory '" + open +
                                "' has mode 0757, so that everybody can replace the key; run: "
                                "chmod o-w " +
                                open);
    CHECK(fault_of(key).empty());
    chmod(open.c_str(), 01757);
    CHECK(fault_of(path).empty());
    chmod(open.c_str(), 0755);
  }
  if (geteuid() == 0) {
    REQUIRE(lchown(link.c_str(), stranger, foreign_group) == 0);
    CHECK(fault_of(link) == "link '" + link + "' belongs to user " + name_of(stranger) +
                                ", who can replace the key; run: chown -h root " + link);
  }
}

TEST_CASE("links that lead nowhere or in a circle cannot be looked at") {
  const TemporaryDirectory directory;
  std::filesystem::create_symlink("b", directory.path() + "/a");
  std::filesystem::create_symlink("a", directory.path() + "/b");
  std::filesystem::create_symlink("none", directory.path() + "/c");
  CHECK(fault_of(directory.path() + "/a").starts_with("error: cannot read "));
  CHECK(fault_of(directory.path() + "/c").starts_with("error: cannot read "));
}

TEST_CASE("what belongs to another user is not safe") {
  const TemporaryDirectory directory;
  const std::string key = directory.write("keys/key.pem", "key");
  KeyReaderIdentity reader = KeyReaderIdentity::current();
  uid_t owner = geteuid();
  const bool is_root = owner == 0;
  if (is_root) {
    owner = stranger;
    REQUIRE(chown(key.c_str(), owner, foreign_group) == 0);
    CHECK(fault_of(key) == "it belongs to user " + name_of(owner) +
                               " (mode 0600), not to the one who uses it; run: chown " +
                               name_of(reader.user) + " " + key + " && chmod 0600 " + key);
    const std::string keys = directory.path() + "/keys";
    REQUIRE(chown(keys.c_str(), owner, foreign_group) == 0);
    CHECK(fault_of(key) == "directory '" + keys + "' belongs to user " + name_of(owner) +
                               " (mode 0755), who can replace the key; run: chown root " + keys);
    // Its owner may use it, in a directory of his own.
    reader.user = owner;
    CHECK(fault_of(key, reader).empty());
  } else {
    reader.user = owner + 1;
    CHECK(fault_of(key, reader).find("belongs to user " + name_of(owner)) != std::string::npos);
  }
}

TEST_CASE("the key of root that everybody can read is to become its reader's") {
  if (geteuid() != 0) {
    return;
  }
  const TemporaryDirectory directory;
  const std::string key = directory.write("key.pem", "key", 0644);
  chmod(directory.path().c_str(), 0755);
  const KeyReaderIdentity reader{.user = stranger, .groups = {foreign_group}};
  CHECK(fault_of(key, reader) ==
        "it has mode 0644, so that everybody can read or use it; run: chown 54321 " + key +
            " && chmod 0600 " + key);
  const KeyReaderIdentity by_group{.user = stranger, .groups = {0}};
  REQUIRE(chown(key.c_str(), 0, 0) == 0);
  CHECK(fault_of(key, by_group) ==
        "it has mode 0644, so that everybody can read or use it; run: chmod 0640 " + key);
}

TEST_CASE("what is not there cannot be looked at") {
  CHECK(fault_of("/nowhere/key.pem") ==
        "error: cannot read '/nowhere/key.pem': No such file or directory");
}
