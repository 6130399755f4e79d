#include "plugins/dkim/signature_policy.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "test/plugins/dkim/stage_under_test.hpp"

using namespace milterd;
using namespace milterd::dkim;
using namespace milterd::dkim::test;

namespace {

using Outcome = SignatureFacts::Outcome;

SignatureHeader header(Algorithm algorithm = Algorithm::rsa_sha256) {
  SignatureHeader header;
  header.known_algorithm = algorithm;
  return header;
}

SignatureFacts verified(std::size_t bits) {
  SignatureFacts facts;
  facts.outcome = Outcome::verified;
  facts.key_bits = bits;
  return facts;
}

SignatureFacts other(Outcome outcome, bool test_key = false) {
  SignatureFacts facts;
  facts.outcome = outcome;
  facts.reason = "because";
  facts.test_key = test_key;
  return facts;
}

}  // namespace

TEST_CASE("a verified signature passes only if it is strong and whole") {
  struct Case {
    Algorithm algorithm;
    std::size_t bits;
    std::uint64_t unsigned_body;
    std::string result;
    std::string reason;
  };
  for (const Case& one : std::vector<Case>{
           {Algorithm::rsa_sha256, 2048, 0, "pass", ""},
           {Algorithm::rsa_sha256, 1024, 0, "pass", ""},
           {Algorithm::rsa_sha256, 1016, 0, "policy", "key has 1016 bits, fewer than 1024"},
           {Algorithm::rsa_sha1, 2048, 0, "policy", "rsa-sha1 is no longer safe"},
           {Algorithm::ed25519_sha256, 256, 0, "pass", ""},
           {Algorithm::rsa_sha256, 2048, 7, "policy", "l= leaves 7 bytes of the body unsigned"},
       }) {
    SignatureFacts facts = verified(one.bits);
    facts.unsigned_body = one.unsigned_body;
    const SignatureResult result = judge(header(one.algorithm), facts, 1000);
    CHECK(result.result == one.result);
    CHECK(result.reason == one.reason);
    CHECK(result.trouble.has_value() == (one.result != "pass"));
  }
}

TEST_CASE("x= ends a signature and t= may be a little ahead") {
  SignatureHeader timed = header();
  timed.time = 1000;
  timed.expiry = 2000;
  struct Case {
    std::uint64_t now;
    std::string result;
    std::string reason;
  };
  for (const Case& one : std::vector<Case>{
           {1999, "pass", ""},
           {2000, "permerror", "signature has expired"},
           {700, "pass", ""},
           {699, "permerror", "signature is from the future"},
       }) {
    CHECK(judge(timed, verified(2048), one.now).result == one.result);
    CHECK(judge(timed, verified(2048), one.now).reason == one.reason);
  }
}

TEST_CASE("each outcome has its result and its trouble") {
  struct Case {
    SignatureFacts facts;
    std::string result;
    std::optional<Trouble> trouble;
  };
  for (const Case& one : std::vector<Case>{
           {other(Outcome::header_differs), "fail", Trouble::bad_signature},
           {other(Outcome::body_differs), "fail", Trouble::bad_signature},
           {other(Outcome::body_differs, true), "fail", std::nullopt},
           {other(Outcome::key_missing), "permerror", Trouble::key_not_found},
           {other(Outcome::key_temporary), "temperror", Trouble::dns_error},
           {other(Outcome::unusable), "permerror", Trouble::bad_signature},
       }) {
    const SignatureResult result = judge(header(), one.facts, 1000);
    CHECK(result.result == one.result);
    CHECK(result.reason == "because");
    CHECK(result.trouble == one.trouble);
  }
}

TEST_CASE("one pass makes the message good, a temporary trouble comes before the others") {
  const SignatureResult pass{"pass", "", std::nullopt};
  const SignatureResult bad{"fail", "x", Trouble::bad_signature};
  const SignatureResult missing{"permerror", "x", Trouble::key_not_found};
  const SignatureResult later{"temperror", "x", Trouble::dns_error};
  const SignatureResult testing{"fail", "x", std::nullopt};
  struct Case {
    std::vector<SignatureResult> results;
    bool skipped;
    std::optional<Trouble> trouble;
  };
  for (const Case& one : std::vector<Case>{
           {{}, false, Trouble::no_signature},
           {{pass}, false, std::nullopt},
           {{bad, later, pass}, true, std::nullopt},
           {{bad, missing}, false, Trouble::bad_signature},
           {{missing, bad}, false, Trouble::key_not_found},
           {{bad, later}, false, Trouble::dns_error},
           {{bad}, true, Trouble::security},
           {{testing}, false, std::nullopt},
       }) {
    CHECK(trouble_of(one.results, one.skipped) == one.trouble);
  }
}

TEST_CASE("the configured action is taken, with a reply for each trouble") {
  const std::string text = signed_message(plain_message);
  std::string changed = text;
  changed.replace(changed.find("Hello"), 5, "Howdy");
  struct Case {
    std::string key;
    std::string action;
    std::string message;
    TxtAnswer::Status status;
    std::string reason;
    int code;
    std::string enhanced;
    std::string line;
  };
  using Status = TxtAnswer::Status;
  for (const Case& one : std::vector<Case>{
           {"on_bad_signature", "reject", changed, Status::found,
            "DKIM: signature does not fit the header", 550, "5.7.0", "bad DKIM signature data"},
           {"on_bad_signature", "quarantine", changed, Status::found,
            "DKIM: signature does not fit the header", 0, "", ""},
           {"on_bad_signature", "discard", changed, Status::found,
            "DKIM: signature does not fit the header", 0, "", ""},
           {"on_no_signature", "tempfail", plain_message, Status::found, "DKIM: no signature", 451,
            "4.7.0", "no DKIM signature data"},
           {"on_key_not_found", "reject", text, Status::none, "DKIM: no key record", 550, "5.7.5",
            "DKIM key retrieval failed"},
           {"on_dns_error", "tempfail", text, Status::temporary,
            "DKIM: key look-up failed: timeout", 451, "4.7.5", "DKIM key retrieval failed"},
       }) {
    CAPTURE(one.key);
    CAPTURE(one.action);
    for (const bool configured : {true, false}) {
      StageUnderTest verifier(configured ? one.key + " = '" + one.action + "'\n" : "");
      verifier.resolver.answers[key_name] = {
          one.status, false, {record_of(rsa_2048_key)}, "timeout"};
      const Verdict verdict = verifier.run(one.message);
      if (!configured) {
        const bool asks_again = one.key == std::string_view("on_dns_error");
        CHECK(verdict.action == (asks_again ? Action::tempfail : Action::proceed));
        continue;
      }
      CHECK(to_string(verdict.action) == one.action);
      CHECK(verdict.reason == one.reason);
      REQUIRE(verdict.reply.has_value() == (one.code != 0));
      if (verdict.reply) {
        CHECK(verdict.reply->code == one.code);
        CHECK(verdict.reply->enhanced == one.enhanced);
        CHECK(verdict.reply->lines == std::vector<std::string>{one.line});
      }
      CHECK(verifier.stage->needs().quarantines == (one.action == "quarantine"));
    }
  }
}
