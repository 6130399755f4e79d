/// t=s of a key record: i= has to name the very domain of d= (RFC 6376 section 3.6.1).

#include <string>

#include "test/plugins/dkim/stage_under_test.hpp"

using namespace milterd;
using namespace milterd::dkim::test;

namespace {

std::string signed_by(const std::string& identity) {
  const TemporaryFile key(rsa_2048_key);
  StageUnderTest signer("key_table = 'csl:k=example.org:s1:" + key.path() +
                        "'\nsigning_table = 'csl:example.org=k:" + identity + "'\n");
  signer.received.session.client_address = "127.0.0.1";
  signer.run(plain_message);
  REQUIRE(signer.received.message().find("i=" + identity) != std::string::npos);
  return signer.received.message();
}

std::string result_of(const std::string& message, const std::string& flags) {
  StageUnderTest verifier;
  verifier.resolver.set_records(key_name, {record_of(rsa_2048_key) + flags});
  verifier.run(message);
  REQUIRE(verifier.detail.signatures.size() == 1);
  return verifier.detail.signatures[0].result;
}

}  // namespace

TEST_CASE("an identity below the signing domain counts unless the key record forbids it") {
  const std::string message = signed_by("joe@mail.example.org");
  CHECK(result_of(message, "") == "pass");
  CHECK(result_of(message, "; t=y") == "pass");
  CHECK(result_of(message, "; t=s") == "permerror");
  CHECK(result_of(message, "; t=y:s") == "permerror");
}

TEST_CASE("an identity in the signing domain counts, whatever its case") {
  for (const std::string identity : {"joe@example.org", "@example.org"}) {
    CHECK(result_of(signed_by(identity), "; t=s") == "pass");
  }
  CHECK(result_of(signed_message(plain_message), "; t=s") == "pass");
}
