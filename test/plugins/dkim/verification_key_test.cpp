/// Public keys and their cache.

#include "plugins/dkim/verifying/verification_key.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "plugins/dkim/keys/signing_key.hpp"
#include "plugins/dkim/verifying/key_cache.hpp"
#include "test/plugins/dkim/test_keys.hpp"

using namespace milterd;
using namespace milterd::dkim;
using namespace milterd::dkim::test;

namespace {

const std::string hash(32, 'h');

/// p= of the key's record.
std::string public_text(const SigningKey& key) {
  return key.public_record().substr(key.public_record().find("p=") + 2);
}

SigningKey signing_key(const char* pem) {
  auto key = SigningKey::parse(pem, "test key");
  REQUIRE(key);
  return std::move(*key);
}

constexpr auto rsa = Algorithm::rsa_sha256;
constexpr auto ed25519 = Algorithm::ed25519_sha256;

/// One RSA key of 768 bits, in two forms.
const std::string subject_public_key_info =
    "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAMeysn4P/W1fU4ASnsPFAc9KOdUv2gDcGoJmHcH1e4f921NdJcFfLWixGkzqSX"
    "xcuHETgPlaYFDXFbmRh2Ya0T9QC98L9sgy7CDk9Grbm5RlcJWs027/s+jEumQzPOwJCQIDAQAB";
const std::string rsa_public_key =
    "MGgCYQDHsrJ+D/1tX1OAEp7DxQHPSjnVL9oA3BqCZh3B9XuH/dtTXSXBXy1osRpM6kl8XLhxE4D5WmBQ1xW5kYdmGtE/UA"
    "vfC/bIMuwg5PRq25uUZXCVrNNu/7PoxLpkMzzsCQkCAwEAAQ==";
const std::string elliptic_curve =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEn+GB3i8d+IJVJVAg1oxiqnEBw+EkKOPvrP9tnN7+nOL9jcbOXFho9qfxfE"
    "fW5Uk4h+SU7LlU6nnySXXpMdeF6Q==";
const std::string rsa_pss =
    "MIGdMAsGCSqGSIb3DQEBCgOBjQAwgYkCgYEAwjai8qvT2KRpDRUhGOqukrKzxcOI3S+YvphcTo3XyXdPgtbEgkWZASuhio"
    "FKMa1KvUGhdqb0o9QsSRKQeWFzVJ/k4ETyY9gMZo99HxG2wubEHBV9wOSe8ZNRScQzDv/VURzngQ2/"
    "+4rhEvMOA6922ZUl8auohUYYGwODsxO/7ksCAwEAAQ==";

}  // namespace

TEST_CASE("a key verifies what its other half signed, and nothing else") {
  for (const auto& [pem, algorithm, bits] : std::vector<std::tuple<const char*, Algorithm, int>>{
           {rsa_2048_key, rsa, 2048}, {ed25519_key, ed25519, 256}}) {
    const SigningKey signer = signing_key(pem);
    const auto signature = signer.sign(hash);
    REQUIRE(signature);
    const auto key = VerificationKey::parse(public_text(signer), algorithm);
    REQUIRE(key);
    CHECK(key->bits() == static_cast<std::size_t>(bits));
    const auto fits = [&](std::string_view text, std::string_view of) {
      const auto result = key->fits(text, of, algorithm);
      REQUIRE(result);
      return *result;
    };
    CHECK(fits(*signature, hash));
    CHECK_FALSE(fits(*signature, std::string(32, 'x')));
    CHECK_FALSE(fits(*signature, hash.substr(1)));
    CHECK_FALSE(fits(signature->substr(0, signature->size() - 4), hash));
    CHECK_FALSE(fits("AAAA", hash));
    CHECK_FALSE(fits("A", hash));
    CHECK_FALSE(fits("", hash));
    CHECK_FALSE(fits(std::string(4000, 'A'), hash));
    std::string other = *signature;
    other[10] = other[10] == 'A' ? 'B' : 'A';
    CHECK_FALSE(fits(other, hash));
    std::string unpadded = *signature;
    unpadded.erase(unpadded.find('='));
    CHECK(fits(unpadded, hash));
  }
}

TEST_CASE("an RSA key is read in both forms that are published, with and without padding") {
  for (const std::string& text : {subject_public_key_info, rsa_public_key,
                                  rsa_public_key.substr(0, rsa_public_key.size() - 2)}) {
    const auto key = VerificationKey::parse(text, rsa);
    REQUIRE(key);
    CHECK(key->bits() == 768);
  }
}

TEST_CASE("what is no key of the algorithm is refused") {
  struct Case {
    std::string text;
    Algorithm algorithm;
    std::string fault;
  };
  const std::string no_rsa = "p= of the key record is no RSA key";
  const std::string no_ed25519 = "p= of the key record is no Ed25519 key";
  for (const Case& one : std::vector<Case>{
           {"AAAA", rsa, no_rsa},
           {"A", rsa, no_rsa},
           {subject_public_key_info.substr(0, 100), rsa, no_rsa},
           {public_text(signing_key(ed25519_key)), rsa, no_rsa},
           {elliptic_curve, rsa, no_rsa},
           {rsa_pss, rsa, no_rsa},
           {"AAAA", ed25519, no_ed25519},
           {subject_public_key_info, ed25519, no_ed25519},
           {"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURoA", ed25519, no_ed25519},
       }) {
    CAPTURE(one.text);
    const auto key = VerificationKey::parse(one.text, one.algorithm);
    REQUIRE_FALSE(key);
    CHECK(key.error().message == one.fault);
  }
}

TEST_CASE("the cache parses a key once, and keeps those that were used last") {
  KeyCache cache(2);
  const std::string ed25519_text = public_text(signing_key(ed25519_key));
  const auto first = cache.parse(subject_public_key_info, rsa);
  REQUIRE(first);
  CHECK(*cache.parse(subject_public_key_info, rsa) == *first);
  CHECK(*cache.parse(subject_public_key_info, Algorithm::rsa_sha1) == *first);
  const auto second = cache.parse(rsa_public_key, rsa);
  REQUIRE(second);
  CHECK(*second != *first);
  const auto third = cache.parse(ed25519_text, ed25519);
  REQUIRE(third);
  // The first two are old now; what is used becomes young again.
  CHECK(*cache.parse(subject_public_key_info, rsa) == *first);
  CHECK(*cache.parse(public_text(signing_key(rsa_2048_key)), rsa) != *first);
  CHECK(*cache.parse(subject_public_key_info, rsa) == *first);
  CHECK(*cache.parse(rsa_public_key, rsa) != *second);
}

TEST_CASE("the cache does not take a key for one of another algorithm") {
  KeyCache cache;
  const std::string text = public_text(signing_key(ed25519_key));
  CHECK(cache.parse(text, ed25519));
  CHECK_FALSE(cache.parse(text, rsa));
  CHECK_FALSE(cache.parse(text, rsa));
}
