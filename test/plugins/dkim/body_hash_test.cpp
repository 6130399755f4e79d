#include "plugins/dkim/verifying/body_hash.hpp"

#include <chrono>
#include <cstdint>
#include <openssl/evp.h>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "plugins/dkim/signing/message_hash.hpp"
#include "test/plugins/dkim/stage_under_test.hpp"

using namespace milterd;
using namespace milterd::dkim;
using namespace milterd::dkim::test;

namespace {

std::chrono::steady_clock::time_point in_an_hour() {
  return std::chrono::steady_clock::now() + std::chrono::hours(1);
}

std::string own_hash(const std::string& body, bool relaxed, std::optional<std::uint64_t> length) {
  const auto hash = hash_canonical_body(body, {.relaxed = relaxed, .sha1 = false, .length = length},
                                        in_an_hour());
  REQUIRE(hash);
  REQUIRE(hash->size() == 32);
  std::string text(64, '\0');
  text.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(hash->data()), 32)));
  return text;
}

struct Changed {
  std::string what, before, after;
};

/// What libopendkim passes over.
const std::vector<Changed> changes = {
    {"a CR within a word", "Hello", "He\rllo"},
    {"blanks and CRs within a word", "Hello", "He \r\t\rllo"},
    {"a CR at the begin of a line", "Hello", "\rHello"},
    {"a CR for a blank", "Hello you", "Hello\ryou"},
    {"an LF within a word", "Hello", "He\nllo"},
    {"two CRs at the end of a line", "you\r\n", "you\r\r\n"},
    {"two CRs in an empty line", "\r\n\r\nBye", "\r\n\r\r\nBye"},
    {"lines with two CRs at the end", "Bye\r\n", "Bye\r\n\r\r\n\r\r\n"},
    {"a CR at the end", "Bye\r\n", "Bye\r\n\r"},
    {"an LF at the end", "Bye\r\n", "Bye\r\n\n"},
};

}  // namespace

TEST_CASE("a CR or LF stands alone or not") {
  for (const std::string text : {"", "a", "\r\n", "a\r\nb\r\n\r\n", "a\r\n"}) {
    CHECK_FALSE(has_stray_line_end(text));
  }
  for (const std::string text :
       {"\r", "\n", "a\rb", "a\nb", "\r\n\n", "\r\r\n", "a\r\nb\r", "\n\r"}) {
    CAPTURE(text);
    CHECK(has_stray_line_end(text));
  }
}

TEST_CASE("of a body in order it is the hash that libopendkim makes") {
  std::mt19937 random(20261122);  // NOLINT: the same each time.
  const std::vector<std::string> parts = {"\r\n", "\r\n", " ", "\t", "word",
                                          "\xff", "x ",   ".", "\v"};
  for (int round = 0; round < 2000; ++round) {
    std::string body;
    for (auto left = random() % 14; left > 0; --left) {
      body += parts[random() % parts.size()];
    }
    body += body.empty() ? "" : "\r\n";
    const bool relaxed = random() % 2 == 0;
    std::optional<std::uint64_t> length;
    if (random() % 2 == 0) {
      length = random() % 3;
    }
    CAPTURE(body);
    CAPTURE(relaxed);
    CAPTURE(length.value_or(99));
    const auto theirs = hash_body(relaxed ? "relaxed" : "simple", body, length, in_an_hour());
    REQUIRE(theirs);
    CHECK(*theirs == own_hash(body, relaxed, length));
  }
}

TEST_CASE("a body with a CR or LF that was put in does not fit its signature") {
  const std::string message = "From: joe@example.org\r\n\r\nHello you\r\n\r\nBye\r\n";
  for (const std::string canonicalization : {"simple/simple", "relaxed/relaxed"}) {
    const std::string text = signed_message(message, rsa_2048_key, canonicalization);
    for (const auto& [what, before, after] : changes) {
      CAPTURE(canonicalization);
      CAPTURE(what);
      std::string changed = text;
      changed.replace(text.find(before, text.find("\r\n\r\n")), before.size(), after);
      VerifyingStage verifier;
      verifier.run(changed);
      REQUIRE(verifier.detail.signatures.size() == 1);
      CHECK(verifier.detail.signatures[0].result == "fail");
      CHECK(verifier.detail.signatures[0].reason == "body has changed");
    }
  }
}

TEST_CASE("a message with bytes that libopendkim misreads is signed as others read it") {
  const std::string message =
      "From: joe@example.org\r\nSubject: one\vtwo\rthree\r\n\r\nHello\rworld\r\r\n\n\r\r\nBye \r\n";
  for (const std::string canonicalization : {"simple/simple", "relaxed/relaxed"}) {
    CAPTURE(canonicalization);
    VerifyingStage verifier;
    verifier.run(signed_message(message, rsa_2048_key, canonicalization));
    REQUIRE(verifier.detail.signatures.size() == 1);
    CHECK(verifier.detail.signatures[0].result == "pass");
  }
}

TEST_CASE("l= beyond the end of such a body is found") {
  CHECK(own_hash("a\rb\r\n", true, 3) == own_hash("a\rb", true, 3));
  CHECK(own_hash("a\rb\r\n", true, 3) != own_hash("a\rb", true, 5));
}
