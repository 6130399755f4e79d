#include "plugins/dkim/keys/signers.hpp"

#include <memory>
#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "test/plugins/dkim/temporary_directory.hpp"
#include "test/plugins/dkim/test_keys.hpp"
#include "test/support/stage_table.hpp"

using namespace milterd;
using namespace milterd::dkim;
using namespace milterd::dkim::test;
using milterd::test::StageTable;

namespace {

MailAddress address(const std::string& text) {
  const std::size_t at = text.rfind('@');
  return {.local_part = text.substr(0, at), .domain = text.substr(at + 1)};
}

std::string describe(const Signer& signer) {
  return "d=" + signer.domain + " s=" + signer.selector +
         (signer.identity.empty() ? "" : " i=" + signer.identity);
}

/// Signers read from a table of the configuration, which must be without a fault.
class ReadSigners {
 public:
  explicit ReadSigners(const std::string& keys, std::vector<std::string> warnings = {})
      : config_(keys), signers_(read_signers(config_.section(), true)) {
    CHECK(config_.problems() == warnings);
    REQUIRE(signers_ != nullptr);
  }
  const Signers& operator*() const { return *signers_; }

  std::vector<std::string> find(const std::string& sender) {
    why.clear();
    std::vector<std::string> texts;
    for (const Signer& signer : signers_->find(address(sender), why)) {
      CHECK(signer.key != nullptr);
      texts.push_back(describe(signer));
    }
    return texts;
  }
  bool names(const std::string& sender) const { return signers_->names(address(sender)); }
  std::vector<std::string> known() const {
    std::vector<std::string> texts;
    for (const Signers::Known& known : signers_->known()) {
      texts.push_back(known.place + ": " + describe(known.signer));
    }
    return texts;
  }

  std::vector<std::string> why;

 private:
  StageTable config_;
  std::unique_ptr<const Signers> signers_;
};

using Texts = std::vector<std::string>;

std::string single(const std::string& key_file, const std::string& domain,
                   const std::string& more = "") {
  return "domain = " + domain + "\nselector = 's1'\nkey_file = '" + key_file + "'\n" + more;
}

/// Tables in a directory of their own, with two keys.
struct Tables {
  TemporaryDirectory directory;
  std::string rsa = directory.write("rsa.pem", rsa_2048_key);
  std::string ed25519 = directory.write("ed25519.pem", ed25519_key);

  std::string key_table(const std::string& rows) const { return directory.write("KeyTable", rows); }
  std::string signing_table(const std::string& rows) const {
    return directory.write("SigningTable", rows);
  }
  std::string keys(const std::string& key_rows, const std::string& signing_rows,
                   const std::string& more = "") const {
    return "key_table = '" + key_table(key_rows) +
           "'\nsigning_table = 'refile:" + signing_table(signing_rows) + "'\n" + more;
  }
  std::string place(const std::string& table, int line) const {
    return "'" + directory.path() + "/" + table + "' line " + std::to_string(line);
  }
};

}  // namespace

TEST_CASE("one key signs for the listed domains and no other") {
  const Tables files;
  ReadSigners signers(single(files.rsa, "['Example.org', 'example.net, example.com']"));
  CHECK(signers.find("joe@example.org") == Texts{"d=example.org s=s1"});
  CHECK(signers.why == Texts{"the sender's domain, example.org, is one of domain"});
  CHECK(signers.find("joe@example.com") == Texts{"d=example.com s=s1"});
  CHECK(signers.find("joe@sub.example.org").empty());
  CHECK(signers.why == Texts{"the sender's domain, sub.example.org, is not one of domain"});
  CHECK(signers.names("joe@example.net"));
  CHECK_FALSE(signers.names("joe@sub.example.net"));
  const std::string place = "key_file '" + files.rsa + "': ";
  CHECK(signers.known() == Texts{place + "d=example.org s=s1", place + "d=example.net s=s1",
                                 place + "d=example.com s=s1"});
}

TEST_CASE("with sub_domains, the nearest upper domain signs, as in opendkim") {
  const Tables files;
  ReadSigners signers(
      single(files.rsa, "['example.org', 'b.example.org']", "sub_domains = true\n"));
  CHECK(signers.find("joe@example.org") == Texts{"d=example.org s=s1"});
  CHECK(signers.find("joe@a.example.org") == Texts{"d=example.org s=s1 i=@example.org"});
  CHECK(signers.why == Texts{"the sender's domain, a.example.org, is below example.org, which is "
                             "one of domain"});
  CHECK(signers.find("joe@a.b.example.org") == Texts{"d=b.example.org s=s1 i=@b.example.org"});
  CHECK(signers.find("joe@notexample.org").empty());
  CHECK(signers.names("joe@a.example.org"));
}

TEST_CASE("a star signs for every domain, with a warning") {
  const Tables files;
  ReadSigners signers(
      single(files.rsa, "['example.org', '*']"),
      {"domain: warning: \"*\" signs for every domain that a client of ours names; the signature "
       "of a domain that does not publish this key does not verify"});
  CHECK(signers.find("joe@example.org") == Texts{"d=example.org s=s1"});
  CHECK(signers.find("joe@elsewhere.test") == Texts{"d=elsewhere.test s=s1"});
  CHECK(signers.why == Texts{"the sender's domain, elsewhere.test, is one of all that \"*\" in "
                             "domain stands for"});
  CHECK(signers.find("joe@[192.0.2.1]").empty());
  CHECK(signers.names("joe@example.org"));
  CHECK_FALSE(signers.names("joe@elsewhere.test"));
}

TEST_CASE("domains may come from files") {
  const Tables files;
  const std::string plain = files.directory.write("domains", "a.test\nB.test # second\n");
  const std::string patterns = files.directory.write("patterns", "*.c.test\nd.test\n");
  ReadSigners signers(single(files.rsa, "['" + plain + "', 'refile:" + patterns + "']"));
  CHECK(signers.find("joe@b.test") == Texts{"d=b.test s=s1"});
  CHECK(signers.find("joe@x.c.test") == Texts{"d=x.c.test s=s1"});
  CHECK(signers.known().size() == 3);
}

TEST_CASE("tables say who signs with what") {
  const Tables files;
  ReadSigners signers(files.keys("k1 example.org:s1:" + files.rsa + "\nk2 %:s2:" + files.rsa + "\n",
                                 "*@example.org k1\n*@*.example.org k1:@example.org\n"
                                 "*@example.net k2:list@%\n"));
  CHECK(signers.find("joe@example.org") == Texts{"d=example.org s=s1"});
  CHECK(signers.why == Texts{files.place("SigningTable", 1) + " fits the sender, and has key k1"});
  CHECK(signers.find("b@sub.example.org") == Texts{"d=example.org s=s1 i=@example.org"});
  CHECK(signers.find("joe@example.net") == Texts{"d=example.net s=s2 i=list@example.net"});
  CHECK(signers.find("joe@example.com").empty());
  CHECK(signers.why == Texts{"no row of signing_table fits joe@example.com"});
  CHECK(signers.names("joe@example.net"));
  CHECK_FALSE(signers.names("joe@example.com"));
  CHECK(signers.known() == Texts{files.place("KeyTable", 1) + ": d=example.org s=s1"});
}

TEST_CASE("an address that cannot be signed for is looked up nowhere") {
  const Tables files;
  ReadSigners signers(files.keys("k1 %:s1:" + files.rsa + "\n", "* k1\n"));
  for (const std::string& sender :
       {std::string("joe@[192.0.2.1]"), std::string("joe@\xc3\xa4.test"), std::string("joe@a..b"),
        std::string("joe@"), std::string(2000, 'x') + "@example.org",
        "joe@" + std::string(300, 'x'), std::string("joe@example.@example.org")}) {
    CAPTURE(sender);
    CHECK(signers.find(sender).empty());
    CHECK(signers.why == Texts{"the sender's address is not one that can be in signing_table"});
    CHECK_FALSE(signers.names(sender));
  }
}

TEST_CASE("with multiple_signatures every row that fits signs, RSA and Ed25519 alike") {
  const Tables files;
  const std::string key_rows = "rsa example.org:s1:" + files.rsa +
                               "\ned example.org:s2:" + files.ed25519 +
                               "\nthird provider.test:s3:" + files.rsa + "\n";
  const std::string signing_rows =
      "*@example.org rsa\njoe@example.org ed\n*@example.* third\n*@*.org rsa\n";
  ReadSigners many(files.keys(key_rows, signing_rows, "multiple_signatures = true\n"));
  CHECK(many.find("joe@example.org") ==
        Texts{"d=example.org s=s1", "d=example.org s=s2", "d=provider.test s=s3"});
  CHECK(many.why.size() == 4);
  ReadSigners one(files.keys(key_rows, signing_rows));
  CHECK(one.find("joe@example.org") == Texts{"d=example.org s=s1"});
}

TEST_CASE("one message gets ten signatures at most") {
  const Tables files;
  std::string key_rows;
  std::string signing_rows;
  for (int i = 1; i <= 12; ++i) {
    const std::string number = std::to_string(i);
    key_rows += "k" + number + " example.org:s" + number + ":" + files.rsa + "\n";
    signing_rows += "*@example.org k" + number + "\n";
  }
  ReadSigners signers(files.keys(key_rows, signing_rows, "multiple_signatures = true\n"));
  CHECK(signers.find("joe@example.org").size() == 10);
  CHECK(signers.why.back() == "more rows fit, but 10 signatures are the most");
}

TEST_CASE("each domain may have a key file of its own; mail of the others is not signed") {
  const Tables files;
  files.directory.write("keys/a.test.pem", rsa_2048_key);
  files.directory.write("keys/b.test.pem", ed25519_key);
  ReadSigners signers(
      files.keys("all %:s1:" + files.directory.path() + "/keys/%.pem\n", "*@c.test all\n* all\n"));
  CHECK(signers.find("joe@a.test") == Texts{"d=a.test s=s1"});
  CHECK(signers.find("joe@c.test").empty());
  CHECK(signers.why == Texts{files.place("SigningTable", 1) +
                             " fits the sender, and has key all, which has no file for c.test"});
  CHECK(signers.names("joe@b.test"));
  CHECK_FALSE(signers.names("joe@c.test"));
  CHECK(signers.known() == Texts{files.place("KeyTable", 1) + ": d=a.test s=s1",
                                 files.place("KeyTable", 1) + ": d=b.test s=s1"});
}

TEST_CASE("a key may be named by the sender's domain") {
  const Tables files;
  ReadSigners signers(files.keys("a.test a.test:s1:" + files.rsa + "\n", "*@a.test %\n* %\n"));
  CHECK(signers.find("joe@a.test") == Texts{"d=a.test s=s1"});
  CHECK(signers.find("joe@b.test").empty());
  CHECK(signers.why == Texts{files.place("SigningTable", 2) +
                             " fits the sender, and has key b.test, which is not in key_table"});
  CHECK(signers.names("joe@a.test"));
  CHECK_FALSE(signers.names("joe@b.test"));
}

TEST_CASE("a signer that turns out to be outside of its domain is left out") {
  const Tables files;
  ReadSigners signers(files.keys("k1 example.org:s1:" + files.rsa + "\n", "*@example.* k1:@%\n"));
  CHECK(signers.find("joe@example.org") == Texts{"d=example.org s=s1 i=@example.org"});
  CHECK(signers.find("joe@example.net") == Texts{"d=example.org s=s1"});
  CHECK(signers.why.back() == "signer @example.net is not in example.org, so there is no i=");
}

TEST_CASE("rows that sign for everybody in one name do not make everybody ours") {
  const Tables files;
  ReadSigners signers(
      files.keys("k1 example.org:s1:" + files.rsa + "\n", "*@example.org k1\n*@* k1\n"),
      {"signing_table: warning: " + files.place("SigningTable", 2) +
       ": row '*@*' signs for senders of all domains as example.org, which counts for none of the "
       "others; name the senders, or make % the domain of key 'k1'"});
  CHECK(signers.find("joe@elsewhere.test") == Texts{"d=example.org s=s1"});
  CHECK(signers.names("joe@example.org"));
  CHECK_FALSE(signers.names("joe@elsewhere.test"));
}

TEST_CASE("nothing is read where nothing is to be signed") {
  StageTable config("domain = 'x y'\nkey_file = '/nowhere'\nkey_table = '/nowhere'\n");
  CHECK(read_signers(config.section(), false) == nullptr);
  CHECK(config.problems().empty());
}

TEST_CASE("tables that do not fit each other are a fault") {
  const Tables files;
  StageTable config(files.keys(
      "k1 example.org:s1:" + files.rsa + "\nspare1 a.test:s1:" + files.rsa +
          "\nspare2 a.test:s2:" + files.rsa + "\n",
      "*@a.test none\n*@example.org k1:joe\n*@b.test k1:@b.test\n*@c.test k1:a;b@example.org\n"
      "*@d.test %:@\n*@example.org k1:@sub.example.org\n*@e.test k1:a@b@example.org\n"));
  CHECK(read_signers(config.section(), true) == nullptr);
  const std::string error = "signing_table: ";
  const auto place = [&files](int line) { return files.place("SigningTable", line) + ": row '"; };
  CHECK(
      config.problems() ==
      Texts{
          "key_table: warning: no row of signing_table uses key 'spare1' (" +
              files.place("KeyTable", 2) + "), 'spare2' (" + files.place("KeyTable", 3) + ")",
          error + place(1) + "*@a.test' has key 'none', which is not in key_table",
          error + place(2) + "*@example.org' has signer 'joe', which is not [USER]@DOMAIN",
          error + place(3) +
              "*@b.test' has signer '@b.test', which is not in example.org, the domain of key "
              "'k1'",
          error + place(4) + "*@c.test' has signer 'a;b@example.org', which is not [USER]@DOMAIN",
          error + place(5) + "*@d.test' has signer '@', which is not [USER]@DOMAIN",
          error + place(7) + "*@e.test' has signer 'a@b@example.org', which is not [USER]@DOMAIN"});
}

TEST_CASE("settings that exclude each other, or miss each other, are a fault") {
  const Tables files;
  const std::string tables = files.keys("k1 example.org:s1:" + files.rsa + "\n", "* k1\n");
  const std::string key_table = tables.substr(0, tables.find('\n') + 1);
  const std::string signing_table = tables.substr(key_table.size());
  const std::string everybody =
      "signing_table: warning: " + files.place("SigningTable", 1) +
      ": row '*' signs for senders of all domains as example.org, which counts for none of the "
      "others; name the senders, or make % the domain of key 'k1'";
  const auto conflict = [](const std::string& key) {
    return key + ": " + key +
           " does not count beside key_table and signing_table: remove it, or the tables";
  };
  const std::string missing =
      " is missing: signing needs domain, selector and key_file, or key_table and signing_table; "
      "without them use mode = [\"verify\"]";
  struct Case {
    std::string keys;
    Texts problems;
  };
  for (const Case& one : std::vector<Case>{
           {single(files.rsa, "'example.org'", "sub_domains = true\n") + tables,
            {conflict("domain"), conflict("selector"), conflict("key_file"),
             conflict("sub_domains"), everybody}},
           {key_table, {"[[stage]]: signing_table is missing: key_table does not work without it"}},
           {signing_table,
            {"[[stage]]: key_table is missing: signing_table does not work without it"}},
           {"",
            {"[[stage]]: domain" + missing, "[[stage]]: selector" + missing,
             "[[stage]]: key_file" + missing}},
           {"selector = 's1'\nmultiple_signatures = true\n",
            {"[[stage]]: domain" + missing, "[[stage]]: key_file" + missing,
             "multiple_signatures: warning: multiple_signatures counts only with key_table and "
             "signing_table"}},
       }) {
    CAPTURE(one.keys);
    StageTable config(one.keys);
    CHECK(read_signers(config.section(), true) == nullptr);
    CHECK(config.problems() == one.problems);
  }
}

TEST_CASE("a weak key is warned of") {
  const Tables files;
  const std::string weak = files.directory.write("weak.pem", rsa_1024_key);
  ReadSigners signers(single(weak, "'example.org'"),
                      {"key_file: warning: key '" + weak +
                       "' has 1024 bits: 1024 are the least that verifiers accept; make keys of "
                       "2048"});
}

TEST_CASE("an unsafe key file is an error, or a warning if that is wanted") {
  const Tables files;
  const std::string open = files.directory.write("open.pem", rsa_2048_key, 0604);
  const std::string what = "key '" + open +
                           "' is not safe: it has mode 0604, so that everybody can read or use "
                           "it; run: chmod 0600 " +
                           open;
  StageTable config(single(open, "'example.org'"));
  CHECK(read_signers(config.section(), true) == nullptr);
  CHECK(config.problems() == Texts{"key_file: " + what + ", or set require_safe_keys = false"});
  ReadSigners signers(single(open, "'example.org'", "require_safe_keys = false\n"),
                      {"key_file: warning: " + what});
}
