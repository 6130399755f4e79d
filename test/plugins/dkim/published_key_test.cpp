#include "plugins/dkim/keys/published_key.hpp"

#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugins/dkim/keys/published_record.hpp"
#include "test/support/fake_resolver.hpp"
#include "test/support/stage_table.hpp"
#include "test_keys.hpp"

namespace milterd::dkim {
namespace {

using Status = PublishedKey::Status;

constexpr const char* name = "s1._domainkey.example.org";

SigningKey key_of(const char* pem) {
  auto key = SigningKey::parse(pem, "test key");
  REQUIRE(key.has_value());
  return *std::move(key);
}

TxtAnswer records(std::vector<std::string> texts) {
  TxtAnswer answer;
  answer.status = TxtAnswer::Status::found;
  answer.records = std::move(texts);
  return answer;
}

std::string p_of(const SigningKey& key) {
  return key.public_record().substr(key.public_record().find("p=") + 2);
}

TEST_CASE("the same key is found in every spelling of its record") {
  const SigningKey key = key_of(test::rsa_2048_key);
  const std::string p = p_of(key);
  for (const std::string& record :
       {key.public_record(), "p=" + p, "v=DKIM1; h=sha256:sha1; s=email:*; t=y:s; n=a note; p=" + p,
        "v=DKIM1;k=rsa;p=" + p.substr(0, 100) + " \t" + p.substr(100) + ";"}) {
    CAPTURE(record);
    const PublishedKey published = compare_published(key, name, records({record}));
    CHECK(published.status == Status::same);
    CHECK(published.text == "");
  }
  const SigningKey ed25519 = key_of(test::ed25519_key);
  CHECK(compare_published(ed25519, name, records({ed25519.public_record()})).status ==
        Status::same);
}

TEST_CASE("an RSA key without its envelope is the same key") {
  const SigningKey key = key_of(test::rsa_1024_key);
  const std::string p = p_of(key);
  const auto whole = read_key_record("p=" + p);
  REQUIRE(whole.has_value());
  // What openssl rsa -RSAPublicKey_out says of the key.
  const std::string bare =
      "MIGJAoGBALgvvhzFsde4SpALpxaPmDMeQ+JhvfhjVb6mcHXAkEIUfyCxCQ7EFqgQ6CUGmkOEXcNjD6CEBBOZAc9O"
      "rgbCbnu1NQ/Jq+HMKTtCiMNWBDh2suECfqEJu7wK3ywwsnQuPt9zKJ1zkws0em9Hs7DqWngor6kjqpV/rOJ8lyh0"
      "WbX7AgMBAAE=";
  const auto record = read_key_record("p=" + bare);
  REQUIRE(record.has_value());
  CHECK(record->key.material == whole->key.material);
  CHECK(record->notes.back() == "it does not begin with v=DKIM1");
}

TEST_CASE("a record that nobody can use differs, with the reason and what to publish") {
  const SigningKey key = key_of(test::rsa_2048_key);
  const std::string p = p_of(key);
  const std::string ec =
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEn+GB3i8d+IJVJVAg1oxiqnEBw+EkKOPvrP9t"
      "nN7+nOL9jcbOXFho9qfxfEfW5Uk4h+SU7LlU6nnySXXpMdeF6Q==";
  struct Row {
    std::string record;
    const char* fault;
  };
  for (const auto& [record, fault] : {
           Row{"v=DKIM1; k=rsa; p=", "the key is revoked (its p= is empty)"},
           Row{"v=DKIM1; k=rsa", "it has no p=, so no key"},
           Row{"v=DKIM2; p=" + p, "it says v=DKIM2, not v=DKIM1"},
           Row{"v=DKIM1; k=dsa; p=" + p, "it says k=dsa; DKIM knows rsa and ed25519"},
           Row{"v=DKIM1; h=sha1; p=" + p,
               "it says h=sha1, which forbids sha256, the one hash in use"},
           Row{"v=DKIM1; s=tlsrpt; p=" + p, "it says s=tlsrpt, so the key is not for mail"},
           Row{"v=DKIM1; p=a!b", "its p= is not base64"},
           Row{"v=DKIM1; p=" + p.substr(0, 200),
               "its p= is no RSA public key; a part of it may have been lost on the way to DNS"},
           Row{"v=DKIM1; p=" + ec,
               "its p= is no RSA public key; a part of it may have been lost on the way to DNS"},
           Row{"v=DKIM1; k=ed25519; p=" + p,
               "its p= has 294 bytes, an Ed25519 public key has 32 (RFC 8463)"},
           Row{"v=spf1 -all", "it says v=spf1-all, not v=DKIM1"},
           Row{"v=DKIM1; p=x; p=y", "it is malformed: tag p= comes twice"},
       }) {
    CAPTURE(record);
    const PublishedKey published = compare_published(key, name, records({record}));
    CHECK(published.status == Status::differs);
    CHECK(published.text ==
          "what DNS has at " + std::string(name) + " is of no use: the record cannot be used: " +
              fault + "; publish this TXT record at " + name + ": " + key.public_record());
  }
}

TEST_CASE("another key, or one of another type, differs") {
  const SigningKey key = key_of(test::rsa_2048_key);
  const SigningKey other = key_of(test::rsa_1024_key);
  const SigningKey ed25519 = key_of(test::ed25519_key);
  const std::string publish = "publish this TXT record at " + std::string(name) + ": ";
  const PublishedKey differs = compare_published(key, name, records({other.public_record()}));
  CHECK(differs.status == Status::differs);
  CHECK(differs.text ==
        "DNS has another key than the private one: use the private key that "
        "belongs to it, or " +
            publish + key.public_record());
  const PublishedKey type = compare_published(ed25519, name, records({key.public_record()}));
  CHECK(type.status == Status::differs);
  CHECK(type.text ==
        "the private key is Ed25519, that in DNS is RSA: use the private key that "
        "belongs to it, or " +
            publish + ed25519.public_record());
}

TEST_CASE("of several records the only one of DKIM counts") {
  const SigningKey key = key_of(test::rsa_2048_key);
  const std::string& record = key.public_record();
  CHECK(compare_published(key, name, records({"v=spf1 -all", record})).status == Status::same);
  const PublishedKey several = compare_published(key, name, records({record, record}));
  CHECK(several.status == Status::differs);
  CHECK(several.text == "what DNS has at " + std::string(name) +
                            " is of no use: there are 2 TXT records, verifiers may take any: leave "
                            "one; publish this TXT record at " +
                            name + ": " + record);
}

TEST_CASE("no record is missing, no answer is unknown, a forged one differs") {
  const SigningKey key = key_of(test::rsa_2048_key);
  TxtAnswer answer;
  answer.status = TxtAnswer::Status::none;
  const PublishedKey missing = compare_published(key, name, answer);
  CHECK(missing.status == Status::missing);
  CHECK(missing.text ==
        "nobody can verify what this key signs, DNS does not know it: publish this TXT record at " +
            std::string(name) + ": " + key.public_record());
  answer.status = TxtAnswer::Status::temporary;
  answer.reason = "no answer in 5s";
  const PublishedKey unknown = compare_published(key, name, answer);
  CHECK(unknown.status == Status::unknown);
  CHECK(unknown.text ==
        "DNS does not answer for " + std::string(name) + ": no answer in 5s; check it again later");
  answer.status = TxtAnswer::Status::bogus;
  CHECK(compare_published(key, name, answer).status == Status::differs);
}

TEST_CASE("what is legal but worth knowing is noted") {
  const SigningKey small = key_of(test::rsa_1024_key);
  const auto record = read_key_record("v=DKIM1; t=y:s; p=" + p_of(small));
  REQUIRE(record.has_value());
  CHECK(record->notes ==
        std::vector<std::string>{
            "its RSA key has 1024 bits, 2048 are usual today",
            "it says t=y: verifiers take the domain for one that only tries DKIM out",
            "it says t=s: the domain of i= must be exactly that of d="});
  const auto long_record = read_key_record(small.public_record() + "; n=" + std::string(1000, 'x'));
  REQUIRE(long_record.has_value());
  CHECK(long_record->notes.back().ends_with("bytes; some verifiers read 1023 only"));
}

class FixedSigners final : public Signers {
 public:
  explicit FixedSigners(std::vector<Known> known) : known_(std::move(known)) {}
  std::vector<Signer> find(const MailAddress& /*sender*/,
                           std::vector<std::string>& /*why*/) const override {
    return {};
  }
  bool names(const MailAddress& /*sender*/) const override { return false; }
  std::vector<Known> known() const override { return known_; }

 private:
  std::vector<Known> known_;
};

TEST_CASE("each key that DNS does not publish is a warning that names its place") {
  const auto key = std::make_shared<const SigningKey>(key_of(test::ed25519_key));
  const FixedSigners signers({{{"a.example", "s1", "", key}, "'/k' line 1"},
                              {{"b.example", "s1", "", key}, "'/k' line 2"},
                              {{"c.example", "s1", "", key}, "'/k' line 3"}});
  milterd::test::FakeResolver resolver;
  resolver.set_records("s1._domainkey.a.example", {key->public_record()});
  resolver.set_records("s1._domainkey.b.example", {"v=DKIM1; p="});
  milterd::test::StageTable table("key_table = '/k'\n");
  table.section().string("key_table", "");
  check_published_keys(table.section(), signers, resolver);
  CHECK(table.problems() ==
        std::vector<std::string>{
            "key_table: warning: '/k' line 2: what DNS has at s1._domainkey.b.example is of no "
            "use: the record cannot be used: the key is revoked (its p= is empty); publish this "
            "TXT record at s1._domainkey.b.example: " +
                key->public_record(),
            "key_table: warning: '/k' line 3: nobody can verify what this key signs, DNS does not "
            "know it: publish this TXT record at s1._domainkey.c.example: " +
                key->public_record()});
}

TEST_CASE("a large key table is asked for in batches") {
  const auto key = std::make_shared<const SigningKey>(key_of(test::ed25519_key));
  std::vector<Signers::Known> known;
  milterd::test::FakeResolver resolver;
  for (int i = 0; i < 600; ++i) {
    const std::string domain = "d" + std::to_string(i) + ".example";
    known.push_back({{domain, "s1", "", key}, "row"});
    resolver.set_records("s1._domainkey." + domain, {key->public_record()});
  }
  milterd::test::StageTable table("");
  check_published_keys(table.section(), FixedSigners(std::move(known)), resolver);
  CHECK(resolver.asked.size() == 600);
  CHECK(table.problems().empty());
}

}  // namespace
}  // namespace milterd::dkim
