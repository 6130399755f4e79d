#include "plugins/dkim/signing/signer.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "plugins/dkim/signing/message_hash.hpp"
#include "plugins/dkim/tag_list.hpp"
#include "test/plugins/dkim/test_keys.hpp"

using namespace milterd;
using namespace milterd::dkim;
using namespace milterd::dkim::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t now = 1'790'000'000;

Signer signer_with(const char* key, std::string identity = "", std::string domain = "example.org") {
  auto parsed = SigningKey::parse(key, "test key");
  REQUIRE(parsed);
  return {.domain = std::move(domain),
          .selector = "s1",
          .identity = std::move(identity),
          .key = std::make_shared<const SigningKey>(std::move(*parsed))};
}

struct Message {
  std::vector<std::string> lines = {"From: Joe <joe@example.org>", "To: jane@example.net",
                                    "Subject: Hello,\r\n  world"};
  std::string body = "A line \r\n\r\nand another.\r\n\r\n";

  std::vector<HeaderField> headers() const {
    std::vector<HeaderField> fields;
    for (const std::string& line : lines) {
      fields.emplace_back(line, line.find(':'));
    }
    return fields;
  }
};

std::vector<Result<SignatureMade>> sign(const std::vector<Signer>& signers,
                                        const SigningRules& rules, const Message& message,
                                        std::uint64_t time = now) {
  return sign_message(signers, rules, message.headers(), message.body, time,
                      std::chrono::steady_clock::now() + 1min);
}

SignatureMade sign_one(const Signer& signer, const SigningRules& rules, const Message& message) {
  auto made = sign({signer}, rules, message);
  REQUIRE(made.size() == 1);
  REQUIRE(made[0]);
  return std::move(*made[0]);
}

/// "-" where there is none.
std::string tag(const SignatureMade& made, std::string_view name) {
  const auto tags = TagList::parse(made.value);
  REQUIRE(tags);
  const std::string* value = tags->find(name);
  return value == nullptr ? "-" : *value;
}

std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find("\r\n", begin), text.size());
    longest = std::max(longest, end - begin);
    begin = end + 2;
  }
  return longest;
}

}  // namespace

TEST_CASE("each signer makes its own signature, in the order of the signers") {
  const std::vector<Signer> signers = {signer_with(rsa_2048_key),
                                       signer_with(ed25519_key, "", "example.net"),
                                       signer_with(rsa_2048_key, "", "example.com")};
  const auto made = sign(signers, {}, {});
  REQUIRE(made.size() == 3);
  const std::vector<std::string> algorithms = {"rsa-sha256", "ed25519-sha256", "rsa-sha256"};
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(made[i]);
    CHECK(tag(*made[i], "a") == algorithms[i]);
    CHECK(tag(*made[i], "d") == signers[i].domain);
    CHECK(tag(*made[i], "b") == made[i]->signature);
    CHECK(tag(*made[i], "bh") == tag(*made[0], "bh"));
    // Nothing of one depends on the others.
    CHECK(made[i]->value == sign_one(signers[i], {}, {}).value);
  }
}

TEST_CASE("what is wrong with one signer does not concern the others") {
  const std::vector<Signer> signers = {
      signer_with(rsa_2048_key, "", "no/domain"), signer_with(rsa_2048_key),
      signer_with(ed25519_key, "joe@example.com"), signer_with(ed25519_key),
      signer_with(rsa_2048_key, "\"a@b\"@example.org")};
  const auto made = sign(signers, {}, {});
  REQUIRE(made.size() == 5);
  REQUIRE_FALSE(made[0]);
  CHECK(made[0].error().message ==
        "cannot sign: the signature would be malformed: d= is not a domain name");
  CHECK(made[1]);
  REQUIRE_FALSE(made[2]);
  CHECK(made[2].error().message ==
        "cannot sign: the signature would be malformed: the domain of i= is not d= or below it");
  REQUIRE(made[3]);
  CHECK(made[3]->value == sign_one(signers[3], {}, {}).value);
  REQUIRE_FALSE(made[4]);
  CHECK(made[4].error().message == "libopendkim cannot hash the message: invalid domain coverage");
}

TEST_CASE("no signature is made after the deadline") {
  const Message message;
  const std::vector<Signer> signers = {signer_with(rsa_2048_key), signer_with(ed25519_key)};
  const auto made = sign_message(signers, {}, message.headers(), message.body, now,
                                 std::chrono::steady_clock::now() - 1s);
  REQUIRE(made.size() == 2);
  for (const auto& one : made) {
    REQUIRE_FALSE(one);
    CHECK(one.error().message == "cannot sign: the time for this message is over");
  }
}

TEST_CASE("i= is there where the signer has an identity, encoded as DKIM asks for") {
  struct Case {
    std::string identity, tag;
  };
  for (const Case& one : std::vector<Case>{
           {"", "-"},
           {"@example.org", "@example.org"},
           {"joe@sub.example.org", "joe@sub.example.org"},
           {"joe=x;y z@example.org", "joe=3Dx=3By=20z@example.org"},
           {"j\xc3\xb6@example.org", "j=C3=B6@example.org"},
           {"a\r\n@example.org", "a=0D=0A@example.org"},
       }) {
    CAPTURE(one.identity);
    CHECK(tag(sign_one(signer_with(ed25519_key, one.identity), {}, {}), "i") == one.tag);
  }
}

TEST_CASE("x= is t= and the time to live") {
  SigningRules rules;
  const Signer signer = signer_with(ed25519_key);
  CHECK(tag(sign_one(signer, rules, {}), "t") == "1790000000");
  CHECK(tag(sign_one(signer, rules, {}), "x") == "-");
  rules.signature_ttl = 10s;
  CHECK(tag(sign_one(signer, rules, {}), "x") == "1790000010");
}

TEST_CASE("a signature that the library takes for expired is an error, not a crash") {
  SigningRules rules;
  rules.signature_ttl = 10s;
  const auto made = sign({signer_with(ed25519_key)}, rules, {}, 0);
  REQUIRE(made.size() == 1);
  REQUIRE_FALSE(made[0]);
  CHECK(made[0].error().message == "libopendkim cannot hash the message: signature expired");
}

TEST_CASE("l= limits what of the body is signed") {
  struct Case {
    const char* canonicalization;
    std::string body;
    std::uint64_t most;
    std::string length;
  };
  const Signer signer = signer_with(ed25519_key);
  for (const Case& one : std::vector<Case>{
           {"simple", "one\r\ntwo\r\n", 5, "5"},
           {"simple", "one\r\ntwo\r\n", 1000, "10"},
           {"simple", "", 1000, "2"},
           {"simple", "one", 1000, "5"},
           {"simple", "one\r\n\r\n\r\n", 1000, "5"},
           {"relaxed", "one \t two\r\n", 4, "4"},
           {"relaxed", "one \t two \r\n\r\n", 1000, "9"},
           {"relaxed", "", 1000, "0"},
       }) {
    CAPTURE(one.body);
    Message message;
    message.body = one.body;
    SigningRules rules;
    rules.canonicalization.body = one.canonicalization;
    const std::string whole = tag(sign_one(signer, rules, message), "bh");
    rules.maximum_signed_bytes = one.most;
    const SignatureMade made = sign_one(signer, rules, message);
    CHECK(tag(made, "l") == one.length);
    CHECK((tag(made, "bh") == whole) == (one.most == 1000));
    if (one.most < 1000) {
      message.body += "more";
      CHECK(tag(sign_one(signer, rules, message), "bh") == tag(made, "bh"));
      message.body[0] = '!';
      CHECK(tag(sign_one(signer, rules, message), "bh") != tag(made, "bh"));
    }
  }
}

TEST_CASE("a signature keeps to lines that mail can carry") {
  Message message;
  SigningRules rules;
  rules.signature_ttl = 1h;
  rules.maximum_signed_bytes = 1;
  CHECK(longest_line(sign_one(signer_with(rsa_2048_key, "@example.org"), rules, message).value) <=
        75);
  auto pattern = NamePattern::compile("x*");
  REQUIRE(pattern);
  rules.sign_patterns.push_back(*pattern);
  for (int i = 0; i < 300; ++i) {
    message.lines.push_back("X-" + std::to_string(i) +
                            std::string(static_cast<std::size_t>(i), 'x') + ": 1");
  }
  const std::string label(63, 'd');
  const std::string domain = label + '.' + label + '.' + label;
  const SignatureMade made =
      sign_one(signer_with(rsa_2048_key, std::string(190, '"').substr(0, 5) + "@" + domain, domain),
               rules, message);
  CHECK(longest_line(made.value) < 300);
  CHECK(made.value.size() > 3000);
}

TEST_CASE("the hash of the header is the one that was signed, whatever stands in b=") {
  const Message message;
  const SignatureMade made = sign_one(signer_with(rsa_2048_key), {}, message);
  CHECK(made.header_hash.size() == 32);
  const std::vector<std::string> fields = {"DKIM-Signature:" + made.value,
                                           "DKIM-Signature: b=none"};
  const auto hashes = hash_headers(message.headers(), fields);
  REQUIRE(hashes.size() == 2);
  REQUIRE(hashes[0]);
  CHECK(*hashes[0] == made.header_hash);
  CHECK_FALSE(hashes[1]);
  Message changed = message;
  changed.lines[0] += '!';
  const auto other = hash_headers(changed.headers(), fields);
  REQUIRE(other[0]);
  CHECK(*other[0] != made.header_hash);
}
