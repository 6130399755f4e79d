#include "plugins/dkim/keys/key_table.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "doctest/doctest.h"
#include "plugins/dkim/keys/key_path_pattern.hpp"
#include "test/plugins/dkim/temporary_directory.hpp"
#include "test/plugins/dkim/test_keys.hpp"
#include "test/support/stage_table.hpp"

using namespace milterd;
using namespace milterd::dkim;
using namespace milterd::dkim::test;
using milterd::test::StageTable;

namespace {

/// A table read, and what was said of it.
struct ReadTable {
  explicit ReadTable(const std::string& specification, bool require_safe_keys = true)
      : config("key_table = '" + specification + "'\n"),
        keys(config.section(), require_safe_keys),
        table(config.section(), config.section().string("key_table", ""), keys) {
    keys.warn_of_weak_keys();
  }
  StageTable config;
  KeyReader keys;
  KeyTable table;
};

/// The base64 of a PEM text alone.
std::string bare(std::string_view pem) {
  const std::size_t begin = pem.find('\n') + 1;
  std::string text(pem.substr(begin, pem.rfind("-----END") - begin));
  std::erase(text, '\n');
  return text;
}

}  // namespace

TEST_CASE("a key table has keys in files and in itself") {
  const TemporaryDirectory directory;
  const std::string rsa = directory.write("rsa.pem", rsa_2048_key);
  const std::string one_line =
      "-----BEGIN PRIVATE KEY-----" + bare(ed25519_key) + "-----END PRIVATE KEY-----";
  const std::string file = directory.write(
      "KeyTable", "file Example.org:s1:" + rsa + "\ninline example.org:s2:" + bare(ed25519_key) +
                      "\nany %:s3:" + rsa + "\npem example.org:s4:" + one_line + "\n");
  for (const std::string& specification : {file, "file:" + file}) {
    ReadTable read(specification);
    CHECK(read.config.problems() == std::vector<std::string>{});
    CHECK(read.table.is_sound());
    CHECK(read.table.entries().size() == 4);
    const KeyTable::Entry* entry = read.table.find("file");
    REQUIRE(entry != nullptr);
    CHECK(entry->domain == "example.org");
    CHECK(entry->selector == "s1");
    CHECK(entry->place == "'" + file + "' line 1");
    REQUIRE(entry->key != nullptr);
    CHECK(entry->key->bits() == 2048);
    for (const char* name : {"inline", "pem"}) {
      REQUIRE(read.table.find(name) != nullptr);
      REQUIRE(read.table.find(name)->key != nullptr);
      CHECK(read.table.find(name)->key->algorithm() == Algorithm::ed25519_sha256);
    }
    REQUIRE(read.table.find("any") != nullptr);
    CHECK(read.table.find("any")->domain == "%");
    // Parsed once.
    CHECK(read.table.find("any")->key == entry->key);
    CHECK(read.table.find("FILE") == nullptr);
    CHECK(read.table.find("nobody") == nullptr);
  }
}

TEST_CASE("a list of keys is a key table too") {
  const TemporaryDirectory directory;
  const std::string rsa = directory.write("rsa.pem", rsa_2048_key);
  ReadTable read("csl:k1=example.org:s1:" + rsa);
  CHECK(read.config.problems() == std::vector<std::string>{});
  REQUIRE(read.table.find("k1") != nullptr);
  CHECK(read.table.find("k1")->place == "entry 1");
}

TEST_CASE("names in a refile table are taken as they stand, with a warning") {
  const TemporaryDirectory directory;
  const std::string rsa = directory.write("rsa.pem", rsa_2048_key);
  const std::string file = directory.write("KeyTable", "k* example.org:s1:" + rsa + "\n");
  ReadTable read("refile:" + file);
  CHECK(read.config.problems() ==
        std::vector<std::string>{"key_table: warning: the names of keys are no patterns; they are "
                                 "taken as they stand, as with file:"});
  CHECK(read.table.find("k*") != nullptr);
  CHECK(read.table.find("k1") == nullptr);
}

TEST_CASE("a percent sign in a path is the row's domain, or that of the sender") {
  const TemporaryDirectory directory;
  const std::string root = directory.path();
  directory.write("keys/a.test/s1.pem", rsa_2048_key);
  directory.write("keys/b.test/s1.pem", ed25519_key);
  directory.write("keys/no-key.test/readme", "");
  directory.write("keys/UPPER.test/s1.pem", rsa_2048_key);
  directory.write("keys/not a domain/s1.pem", rsa_2048_key);
  directory.write("flat/a.test.a.test.pem", rsa_2048_key);
  directory.write("flat/a.test.b.test.pem", rsa_2048_key);
  directory.write("flat/.pem", rsa_2048_key);
  const std::string file = directory.write(
      "KeyTable", "fixed a.test:s1:" + root + "/keys/%/s1.pem\n" + "sender %:s1:" + root +
                      "/keys/%/s1.pem\n" + "flat %:s1:" + root + "/flat/%.%.pem\n");
  ReadTable read(file);
  CHECK(read.config.problems() == std::vector<std::string>{});
  const KeyTable::Entry* fixed = read.table.find("fixed");
  REQUIRE(fixed != nullptr);
  REQUIRE(fixed->key != nullptr);
  CHECK_FALSE(fixed->by_domain);
  CHECK(fixed->key_for("other.test") == fixed->key);
  const KeyTable::Entry* sender = read.table.find("sender");
  REQUIRE(sender != nullptr);
  CHECK(sender->by_domain);
  CHECK(sender->key_of_domain.size() == 2);
  CHECK(sender->key_for("a.test") == fixed->key);
  REQUIRE(sender->key_for("b.test") != nullptr);
  CHECK(sender->key_for("b.test")->algorithm() == Algorithm::ed25519_sha256);
  CHECK(sender->key_for("no-key.test") == nullptr);
  const KeyTable::Entry* flat = read.table.find("flat");
  REQUIRE(flat != nullptr);
  CHECK(flat->key_of_domain.size() == 1);
  CHECK(flat->key_for("a.test") != nullptr);
}

TEST_CASE("the algorithm may be a fourth field") {
  const TemporaryDirectory directory;
  const std::string rsa = directory.write("rsa:key.pem", rsa_2048_key);
  const std::string file = directory.write(
      "KeyTable", "a example.org:s1:" + rsa + ":RSA-SHA256\nb example.org:s1:" + rsa + "\n" +
                      "c example.org:s1:" + bare(ed25519_key) + ":ed25519-sha256\n");
  ReadTable read(file);
  CHECK(read.config.problems() == std::vector<std::string>{});
  CHECK(read.table.is_sound());
}

TEST_CASE("every row of a key table is checked") {
  const TemporaryDirectory directory;
  const std::string rsa = directory.write("rsa.pem", rsa_2048_key);
  const std::string open = directory.write("open.pem", rsa_2048_key, 0604);
  const std::string curve = directory.write("curve.pem", elliptic_curve_key);
  const std::string encrypted = directory.write("encrypted.pem", encrypted_key);
  const std::string text = "ok example.org:s1:" + rsa +
                           "\n"
                           "k2\n"
                           "k3 example.org:s1\n"
                           "k4 example.org:s1:\n"
                           "k5 exa mple.org:s1:" +
                           rsa +
                           "\n"
                           "k6 example.org:s 1:" +
                           rsa +
                           "\n"
                           "k7 example.org:s1:/nowhere/key\n"
                           "k8 example.org:s1:keys/s1.pem\n"
                           "k9 example.org:s1:" +
                           rsa +
                           ":ed25519-sha256\n"
                           "k10 example.org:s1:" +
                           rsa +
                           ":rsa-sha1\n"
                           "ok example.net:s1:" +
                           rsa +
                           "\n"
                           "k12 example.org:s1:" +
                           open +
                           "\n"
                           "k13 example.org:s1:" +
                           curve +
                           "\n"
                           "k14 %:s1:/nowhere/%/s1.pem\n"
                           "k15 %:s1:" +
                           directory.path() +
                           "/%.none\n"
                           "k16 example.org:s1:" +
                           encrypted + "\n";
  const std::string file = directory.write("KeyTable", text);
  ReadTable read(file);
  CHECK_FALSE(read.table.is_sound());
  const std::string place = "'" + file + "' line ";
  const std::string error = "key_table: " + place;
  const std::string warning = "key_table: warning: " + place;
  const std::string incomplete = "is incomplete: a row is NAME DOMAIN:SELECTOR:KEY";
  CHECK(read.config.problems() ==
        std::vector<std::string>{
            error + "2: key 'k2' " + incomplete, error + "3: key 'k3' " + incomplete,
            error + "4: key 'k4' " + incomplete,
            error + "5: key 'k5' is for 'exa mple.org', which is neither a domain name nor % (the "
                    "sender's domain)",
            error + "6: key 'k6' has selector 's 1', which is no part of a domain name",
            error + "7: cannot read '/nowhere/key': No such file or directory",
            error + "8: cannot use key 'k8': it has no private key in PEM form, or the key needs a "
                    "password; were it a file, it would begin with /, ./ or ../",
            error + "9: key 'k9' is to sign with ed25519-sha256, but it is a key for rsa-sha256",
            error + "10: key 'k10' is to sign with rsa-sha1, which no verifier may accept (RFC "
                    "8301); write rsa-sha256",
            warning + "11: key 'ok' is there already, in " + place + "1; that one counts",
            error + "12: key '" + open +
                "' is not safe: it has mode 0604, so that everybody can read or use it; run: chmod "
                "0600 " +
                open + ", or set require_safe_keys = false",
            error + "13: cannot use key '" + curve +
                "': DKIM knows RSA and Ed25519 keys, this is neither",
            error + "14: cannot look for '/nowhere/%/s1.pem': '/nowhere/': No such file or "
                    "directory",
            warning + "15: key 'k15' signs for nobody: there is no file '" + directory.path() +
                "/%.none' with a domain in place of %",
            error + "16: cannot use key '" + encrypted +
                "': it has no private key in PEM form, or the key needs a password"});
}

TEST_CASE("unsafe keys are told of once, and can be allowed") {
  const TemporaryDirectory directory;
  const std::string one = directory.write("keys/one.pem", rsa_2048_key);
  const std::string two = directory.write("keys/two.pem", ed25519_key);
  std::filesystem::permissions(directory.path() + "/keys", std::filesystem::perms(0757));
  const std::string file =
      directory.write("KeyTable", "k1 example.org:s1:" + one + "\nk2 example.org:s2:" + two + "\n");
  const std::string what = "'" + file + "' line 1: key '" + one + "' is not safe: directory '" +
                           directory.path() +
                           "/keys' has mode 0757, so that everybody can replace the key; run: "
                           "chmod o-w " +
                           directory.path() + "/keys";
  ReadTable strict(file);
  CHECK_FALSE(strict.table.is_sound());
  CHECK(strict.config.problems() ==
        std::vector<std::string>{"key_table: " + what + ", or set require_safe_keys = false"});
  ReadTable lenient(file, false);
  CHECK(lenient.table.is_sound());
  CHECK(lenient.config.problems() == std::vector<std::string>{"key_table: warning: " + what});
  CHECK(lenient.table.find("k2")->key != nullptr);
}

TEST_CASE("weak keys are warned of, all in one") {
  const TemporaryDirectory directory;
  std::string rows;
  for (int i = 1; i <= 7; ++i) {
    const std::string key = directory.write(std::to_string(i) + ".pem", rsa_1024_key);
    rows += "k" + std::to_string(i) + " example.org:s" + std::to_string(i) + ":" + key + "\n";
  }
  const std::string file = directory.write("KeyTable", rows);
  ReadTable read(file);
  CHECK(read.table.is_sound());
  std::string expected = "key_table: warning: ";
  for (int i = 1; i <= 5; ++i) {
    expected += (i == 1 ? "'" : ", '") + file + "' line " + std::to_string(i) + ": key '" +
                directory.path() + "/" + std::to_string(i) + ".pem' has 1024 bits";
  }
  expected += " and 2 more: 1024 are the least that verifiers accept; make keys of 2048";
  CHECK(read.config.problems() == std::vector<std::string>{expected});
}

TEST_CASE("a key table that cannot be read, or is empty, is a fault") {
  const TemporaryDirectory directory;
  const std::string empty = directory.write("empty", "\n");
  ReadTable none(empty);
  CHECK_FALSE(none.table.is_sound());
  CHECK(none.config.problems() ==
        std::vector<std::string>{"key_table: '" + empty + "' has no key"});
  ReadTable absent("/nowhere/KeyTable");
  CHECK_FALSE(absent.table.is_sound());
  CHECK(absent.config.problems() ==
        std::vector<std::string>{
            "key_table: cannot read '/nowhere/KeyTable': No such file or directory"});
}
