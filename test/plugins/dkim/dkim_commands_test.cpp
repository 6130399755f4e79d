#include <array>
#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

#include "plugins/dkim/commands/key_check.hpp"
#include "plugins/dkim/commands/key_record_text.hpp"
#include "plugins/dkim/commands/keygen_options.hpp"
#include "plugins/dkim/commands/new_file.hpp"
#include "plugins/dkim/commands/testkey_options.hpp"
#include "plugins/dkim/keys/new_key.hpp"
#include "plugins/dkim/keys/published_record.hpp"
#include "temporary_directory.hpp"
#include "test/support/fake_resolver.hpp"
#include "test_keys.hpp"

namespace milterd::dkim {
namespace {

/// The argument vector of a program.
class Arguments {
 public:
  explicit Arguments(std::vector<std::string> words) : words_(std::move(words)) {
    words_.insert(words_.begin(), "command");
    for (std::string& word : words_) {
      pointers_.push_back(word.data());
    }
    pointers_.push_back(nullptr);
  }
  std::span<char*> span() { return std::span(pointers_).first(words_.size()); }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};

using Words = std::vector<std::string>;

Result<KeygenOptions> keygen(Words words) {
  Arguments arguments(std::move(words));
  return parse_keygen_options(arguments.span());
}

Result<TestkeyOptions> testkey(Words words) {
  Arguments arguments(std::move(words));
  return parse_testkey_options(arguments.span());
}

TEST_CASE("milterd-keygen takes opendkim-genkey's options") {
  const auto read = keygen({"-d", "example.org", "-s", "2026.mail", "-b", "1024", "-D", "/keys",
                            "-n", "a note", "-r", "-t", "-S"});
  REQUIRE(read.has_value());
  CHECK(read->domain == "example.org");
  CHECK(read->selector == "2026.mail");
  CHECK(read->bits == 1024);
  CHECK(read->directory == "/keys");
  CHECK(read->wishes.note == "a note");
  CHECK(read->wishes.only_email);
  CHECK(read->wishes.test_mode);
  CHECK(read->wishes.no_subdomains);
  CHECK_FALSE(read->force);
}

TEST_CASE("milterd-keygen makes an RSA key of 2048 bits with the selector default") {
  const auto read = keygen({"--domain=example.org"});
  REQUIRE(read.has_value());
  CHECK(read->selector == "default");
  CHECK(read->algorithm == Algorithm::rsa_sha256);
  CHECK(read->bits == 2048);
  CHECK(read->directory == ".");
}

TEST_CASE("milterd-keygen says what is wrong with its options") {
  struct Row {
    Words words;
    std::string text;
  };
  for (const auto& [words, text] : {
           Row{{}, "say for which domain the key signs, as in --domain example.org"},
           Row{{"-d", "a/b"},
               "\"a/b\" is no domain: labels of letters, digits, '-' and '_' with dots between"},
           Row{{"-d", "x", "-s", "../x"},
               "\"../x\" is no selector: labels of letters, digits, '-' and '_' with dots between"},
           Row{{"-d", "x", "-b", "512"},
               "--bits must be 1024 to 4096 for RSA, got \"512\"; verifiers refuse less, and DNS "
               "has no room for more"},
           Row{{"-d", "x", "--type", "dsa"}, "--type must be rsa or ed25519, got \"dsa\""},
           Row{{"-d", "x", "--type", "ed25519", "-b", "2048"},
               "--bits goes with RSA only, every Ed25519 key has 256"},
           Row{{"-d", "x", "--note", std::string(201, 'n')},
               "--note must have 200 bytes at most, got 201"},
           Row{{"-d", "x", "more"}, "unexpected argument \"more\""},
           Row{{"--frob"}, "unknown or ambiguous option --frob"},
           Row{{"-d"}, "-d wants a value"},
           Row{{"--force=1"}, "--force=1 takes no value"},
       }) {
    const auto read = keygen(words);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().message == text);
  }
}

TEST_CASE("milterd-testkey wants one key or a configuration") {
  CHECK(testkey({"-d", "x.example", "-s", "s1", "-k", "/k"})->mode ==
        TestkeyOptions::Mode::one_key);
  CHECK(testkey({"--config", "/c", "--nameserver", "127.0.0.1:5353", "--nameserver", "::1"})
            ->nameservers == Words{"127.0.0.1:5353", "::1"});
  CHECK(testkey({}).error().message ==
        "say which key: --domain and --selector, or --config for all of a configuration");
  CHECK(testkey({"--config", "/c", "-d", "x"}).error().message ==
        "--config names the keys; --domain, --selector and --key do not go with it");
  CHECK(testkey({"-d", "x y", "-s", "s1"}).error().message ==
        "\"s1._domainkey.x y\" is no name that DNS can hold");
  CHECK_FALSE(testkey({"-d", "x", "-s", "s", "--nameserver", "localhost"}).has_value());
}

TEST_CASE("a record says what its owner wishes") {
  const std::string record = "v=DKIM1; k=rsa; p=abc";
  CHECK(key_record_text(record, {}) == record);
  CHECK(key_record_text(record, {.test_mode = true, .note = {}}) == "v=DKIM1; k=rsa; t=y; p=abc");
  CHECK(key_record_text(record, {.no_subdomains = true, .note = {}}) ==
        "v=DKIM1; k=rsa; t=s; p=abc");
  CHECK(key_record_text(record, {.test_mode = true,
                                 .no_subdomains = true,
                                 .only_email = true,
                                 .note = "a; \"b\" = \\\xc3\xa9"}) ==
        "v=DKIM1; k=rsa; s=email; t=y:s; n=a=3B=20=22b=22=20=3D=20=5C=C3=A9; p=abc");
}

TEST_CASE("a zone file has the record in pieces of 255 bytes") {
  CHECK(zone_file_text("v=DKIM1; p=x", "s1", "example.org") ==
        "s1._domainkey.example.org.\tIN\tTXT\t(\n\t\"v=DKIM1; p=x\" )  ; DKIM key s1 for "
        "example.org\n");
  const std::string text = zone_file_text(std::string(600, 'x'), "s1", "example.org");
  CHECK(text.find("\n\t\"" + std::string(255, 'x') + "\"\n\t\"" + std::string(255, 'x') +
                  "\"\n\t\"" + std::string(90, 'x') + "\" )") != std::string::npos);
}

TEST_CASE("new keys can be used, and no two are the same") {
  for (const Algorithm algorithm : {Algorithm::rsa_sha256, Algorithm::ed25519_sha256}) {
    const auto pem = make_private_key(algorithm, 1024);
    REQUIRE(pem.has_value());
    CHECK(pem->starts_with("-----BEGIN PRIVATE KEY-----\n"));
    const auto key = SigningKey::parse(*pem, "new");
    REQUIRE(key.has_value());
    CHECK(key->algorithm() == algorithm);
    CHECK(make_private_key(algorithm, 1024).value() != *pem);
  }
}

TEST_CASE("a file is never written over, unless that is asked for") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path() + "/s1.private";
  REQUIRE(write_new_file(path, 0600, "old", false).has_value());
  const auto refused = write_new_file(path, 0600, "new", false);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message == "cannot create '" + path +
                                       "': it exists already; choose another selector, or replace "
                                       "it with --force");
  const auto content = [&] {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  CHECK(content() == "old");
  REQUIRE(write_new_file(path, 0600, "new", true).has_value());
  CHECK(content() == "new");
  CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("a symbolic link is not followed") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path() + "/s1.private";
  std::filesystem::create_symlink(directory.path() + "/elsewhere", path);
  CHECK_FALSE(write_new_file(path, 0600, "key", false).has_value());
  CHECK_FALSE(std::filesystem::exists(directory.path() + "/elsewhere"));
}

TEST_CASE("a key is checked in one line") {
  using Outcome = CheckedKey::Outcome;
  const std::string name = "s1._domainkey.example.org";
  auto parsed = SigningKey::parse(test::ed25519_key, "test key");
  REQUIRE(parsed.has_value());
  const auto key = std::make_shared<const SigningKey>(*std::move(parsed));
  TxtAnswer answer;
  answer.status = TxtAnswer::Status::found;
  answer.records = {key->public_record()};

  CHECK(check_key({name, key}, answer).line == name + ": same");
  CHECK(check_key({name, key}, answer).outcome == Outcome::right);
  CHECK(check_key({name, nullptr}, answer).line == name + ": usable, an Ed25519 key");
  answer.validating = true;
  CHECK(check_key({name, key}, answer).line == name + ": same; not secured by DNSSEC");
  answer.secure = true;
  answer.alias_of = "keys.example.net";
  CHECK(check_key({name, key}, answer).line ==
        name + ": same; secured by DNSSEC; the record is that of keys.example.net, by a CNAME");
  answer.records = {"v=DKIM1; p="};
  CHECK(check_key({name, nullptr}, answer).line ==
        name +
            ": unusable: the record cannot be used: the key is revoked (its p= is empty); "
            "publish the record that milterd-keygen prints");
  CHECK(check_key({name, nullptr}, answer).outcome == Outcome::wrong);
  answer.status = TxtAnswer::Status::temporary;
  answer.reason = "no answer in 5s";
  CHECK(check_key({name, nullptr}, answer).line ==
        name + ": no answer: no answer in 5s; check it again later");
  CHECK(check_key({name, key}, answer).outcome == Outcome::unknown);
}

TEST_CASE("many keys are checked in their order") {
  milterd::test::FakeResolver resolver;
  resolver.set_records("s._domainkey.d299.example", {"v=DKIM1; p="});
  std::vector<KeyToCheck> keys;
  for (int i = 0; i < 300; ++i) {
    keys.push_back({"s._domainkey.d" + std::to_string(i) + ".example", nullptr});
  }
  const auto checked = check_keys(keys, resolver);
  REQUIRE(checked.size() == 300);
  CHECK(checked.front().line.starts_with("s._domainkey.d0.example: missing: "));
  CHECK(checked.back().line.starts_with("s._domainkey.d299.example: unusable: "));
}

}  // namespace
}  // namespace milterd::dkim
