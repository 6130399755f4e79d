#include "plugins/dkim/verifying/signature_policy.hpp"

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

SignatureResult judged(const SignatureHeader& header, const SignatureFacts& facts,
                       const VerifyingRules& rules = {}) {
  return judge(header, facts, rules, {}, 1000);
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
           {Algorithm::rsa_sha256, 1016, 0, "policy",
            "key has 1016 bits, fewer than 1024 (minimum_key_bits)"},
           {Algorithm::rsa_sha1, 2048, 0, "policy", "rsa-sha1 is no longer safe (allow_sha1)"},
           {Algorithm::ed25519_sha256, 256, 0, "pass", ""},
           {Algorithm::rsa_sha256, 2048, 7, "policy",
            "l= leaves 7 bytes of the body unsigned (minimum = 100%)"},
       }) {
    SignatureFacts facts = verified(one.bits);
    facts.body_size = 100;
    facts.unsigned_body = one.unsigned_body;
    const SignatureResult result = judged(header(one.algorithm), facts);
    CHECK(result.result == one.result);
    CHECK(result.reason == one.reason);
    CHECK(result.trouble.has_value() == (one.result != "pass"));
  }
}

TEST_CASE("options let weaker signatures pass") {
  VerifyingRules rules;
  rules.allow_sha1 = true;
  rules.minimum_key_bits = 0;
  CHECK(judged(header(Algorithm::rsa_sha1), verified(512), rules).result == "pass");
  rules.minimum_key_bits = 3072;
  CHECK(judged(header(), verified(2048), rules).reason ==
        "key has 2048 bits, fewer than 3072 (minimum_key_bits)");
  CHECK(judged(header(Algorithm::ed25519_sha256), verified(256), rules).result == "pass");
}

TEST_CASE("minimum says how much of the body l= has to cover") {
  using Kind = LeastSigned::Kind;
  struct Case {
    LeastSigned minimum;
    std::uint64_t body;
    std::uint64_t covered;
    bool passes;
  };
  for (const Case& one : std::vector<Case>{
           {{Kind::percent, 100}, 1000, 1000, true},
           {{Kind::percent, 100}, 1000, 999, false},
           {{Kind::percent, 80}, 1000, 800, true},
           {{Kind::percent, 80}, 1000, 799, false},
           {{Kind::percent, 0}, 1000, 0, true},
           {{Kind::percent, 100}, 0, 0, true},
           {{Kind::bytes, 500}, 1000, 500, true},
           {{Kind::bytes, 500}, 1000, 499, false},
           {{Kind::bytes, 500}, 100, 100, true},
           {{Kind::bytes, 500}, 100, 99, false},
           {{Kind::bytes, 0}, 1000, 0, true},
           {{Kind::unsigned_bytes, 10}, 1000, 990, true},
           {{Kind::unsigned_bytes, 10}, 1000, 989, false},
           {{Kind::unsigned_bytes, 0}, 1000, 999, false},
       }) {
    CAPTURE(one.minimum.amount);
    CAPTURE(one.covered);
    VerifyingRules rules;
    rules.minimum = one.minimum;
    SignatureFacts facts = verified(2048);
    facts.body_size = one.body;
    facts.unsigned_body = one.body - one.covered;
    CHECK((judged(header(), facts, rules).outcome == Outcome::verified) == one.passes);
  }
}

TEST_CASE("each field of a name that must be signed has to be in h=") {
  VerifyingRules rules;
  rules.must_be_signed = {"Subject", "reply-to"};
  const std::vector<HeaderField> headers = {
      {"From: a@example.org", 4}, {"SUBJECT : one", 8}, {"Subject: two", 7}};
  struct Case {
    std::string signed_headers;
    std::string reason;
  };
  for (const Case& one : std::vector<Case>{
           {"from:subject:SUBJECT", ""},
           {"from:subject:subject:subject:reply-to", ""},
           {"from:subject", "header field Subject is not signed (must_be_signed)"},
           {"from", "header field Subject is not signed (must_be_signed)"},
       }) {
    SignatureHeader signature = header();
    signature.signed_headers = one.signed_headers;
    const auto result = judge(signature, verified(2048), rules, headers, 1000);
    CHECK(result.reason == one.reason);
    CHECK(result.result == (one.reason.empty() ? "pass" : "policy"));
  }
}

TEST_CASE("the state of DNSSEC counts as the options say") {
  using Dnssec = KeyRecord::Dnssec;
  using KeyAction = VerifyingRules::KeyAction;
  struct Case {
    Dnssec state;
    KeyAction action;
    std::string result;
    std::string reason;
    std::optional<Trouble> trouble;
  };
  const std::string bogus = "key record fails DNSSEC validation (bogus_key)";
  const std::string unprotected = "key record is not protected by DNSSEC (unprotected_key)";
  for (const Case& one : std::vector<Case>{
           {Dnssec::unknown, KeyAction::fail, "pass", "", std::nullopt},
           {Dnssec::secure, KeyAction::fail, "pass", "", std::nullopt},
           {Dnssec::bogus, KeyAction::none, "pass", "", std::nullopt},
           {Dnssec::bogus, KeyAction::neutral, "neutral", bogus, std::nullopt},
           {Dnssec::bogus, KeyAction::fail, "fail", bogus, Trouble::bad_signature},
           {Dnssec::unprotected, KeyAction::none, "pass", "", std::nullopt},
           {Dnssec::unprotected, KeyAction::neutral, "neutral", unprotected, std::nullopt},
           {Dnssec::unprotected, KeyAction::fail, "policy", unprotected, Trouble::bad_signature},
       }) {
    VerifyingRules rules;
    rules.bogus_key = one.action;
    rules.unprotected_key = one.action;
    SignatureFacts facts = verified(2048);
    facts.dnssec = one.state;
    const SignatureResult result = judged(header(), facts, rules);
    CHECK(result.result == one.result);
    CHECK(result.reason == one.reason);
    CHECK(result.trouble == one.trouble);
  }
}

TEST_CASE("a bogus answer without a record is no proof, whatever the option") {
  using KeyAction = VerifyingRules::KeyAction;
  SignatureFacts facts = other(Outcome::key_temporary);
  facts.dnssec = KeyRecord::Dnssec::bogus;
  for (const auto& [action, result] :
       std::vector<std::pair<KeyAction, std::string>>{{KeyAction::none, "temperror"},
                                                      {KeyAction::neutral, "neutral"},
                                                      {KeyAction::fail, "fail"}}) {
    VerifyingRules rules;
    rules.bogus_key = action;
    CHECK(judged(header(), facts, rules).result == result);
  }
}

TEST_CASE("x= ends a signature and t= may be ahead, each with the allowance for clocks") {
  SignatureHeader timed = header();
  timed.time = 1000;
  timed.expiry = 2000;
  struct Case {
    std::chrono::seconds drift;
    std::uint64_t now;
    std::string result;
    std::string reason;
  };
  using namespace std::chrono_literals;
  for (const Case& one : std::vector<Case>{
           {300s, 2299, "pass", ""},
           {300s, 2300, "permerror", "signature has expired"},
           {0s, 1999, "pass", ""},
           {0s, 2000, "permerror", "signature has expired"},
           {300s, 700, "pass", ""},
           {300s, 699, "permerror", "signature is from the future (clock_drift)"},
           {0s, 1000, "pass", ""},
           {0s, 999, "permerror", "signature is from the future (clock_drift)"},
       }) {
    CAPTURE(one.now);
    VerifyingRules rules;
    rules.clock_drift = one.drift;
    CHECK(judge(timed, verified(2048), rules, {}, one.now).result == one.result);
    CHECK(judge(timed, verified(2048), rules, {}, one.now).reason == one.reason);
  }
}

TEST_CASE("each outcome has its result, its trouble, and opendkim's words") {
  struct Case {
    Outcome outcome;
    std::string result;
    std::optional<Trouble> trouble;
    std::string opendkim;
  };
  const auto bad = Trouble::bad_signature;
  for (const Case& one : std::vector<Case>{
           {Outcome::malformed, "permerror", bad, "permerror "},
           {Outcome::header_differs, "fail", bad, "fail signature verification failed"},
           {Outcome::body_differs, "fail", bad, "fail signature verification failed"},
           {Outcome::length_too_large, "permerror", bad, "permerror "},
           {Outcome::identity_refused, "permerror", bad, "fail unauthorized subdomain"},
           {Outcome::key_missing, "permerror", Trouble::key_not_found, "fail key not found in DNS"},
           {Outcome::key_temporary, "temperror", Trouble::dns_error, "temperror "},
           {Outcome::key_several, "permerror", bad, "temperror "},
           {Outcome::key_malformed, "permerror", bad, "temperror "},
           {Outcome::key_version, "permerror", bad, "fail unknown key version"},
           {Outcome::key_hash_unknown, "permerror", bad, "fail unknown key hash"},
           {Outcome::key_hash_refused, "permerror", bad, "fail signature-key hash mismatch"},
           {Outcome::key_service, "permerror", bad, "fail not an e-mail key"},
           {Outcome::key_type_unknown, "permerror", bad, "fail unknown key type"},
           {Outcome::key_type_differs, "permerror", bad, "permerror "},
           {Outcome::key_revoked, "permerror", bad, "fail key revoked"},
           {Outcome::key_undecodable, "permerror", bad, "permerror "},
       }) {
    const SignatureResult result = judged(header(), other(one.outcome));
    CHECK(result.result == one.result);
    CHECK(result.reason == "because");
    CHECK(result.trouble == one.trouble);
    const OpendkimWords words = opendkim_words(one.outcome);
    CHECK(std::string(words.result) + " " + std::string(words.reason) == one.opendkim);
  }
  CHECK(opendkim_words(Outcome::key_too_small).reason == "signing key too small");
  CHECK(opendkim_words(Outcome::key_unprotected).result == "policy");
  CHECK(opendkim_words(Outcome::verified).result == "pass");
}

TEST_CASE("a signer that only tests is forgiven a bad signature, but not what is missing") {
  CHECK(judged(header(), other(Outcome::body_differs, true)).result == "fail");
  CHECK(judged(header(), other(Outcome::body_differs, true)).trouble == std::nullopt);
  CHECK(judged(header(), other(Outcome::key_temporary, true)).trouble == Trouble::dns_error);
}

TEST_CASE("one pass makes the message good, a temporary trouble comes before the others") {
  const SignatureResult pass{Outcome::verified, "pass", "", std::nullopt};
  const SignatureResult bad{Outcome::body_differs, "fail", "x", Trouble::bad_signature};
  const SignatureResult missing{Outcome::key_missing, "permerror", "x", Trouble::key_not_found};
  const SignatureResult later{Outcome::key_temporary, "temperror", "x", Trouble::dns_error};
  const SignatureResult testing{Outcome::body_differs, "fail", "x", std::nullopt};
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

TEST_CASE("every action of every on_ key is taken, with a reply that says who and what") {
  const std::string text = signed_message(plain_message);
  std::string changed = text;
  changed.replace(changed.find("Hello"), 5, "Howdy");
  std::string many = changed;
  for (int i = 0; i < 10; ++i) {
    many =
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.net; s=s; h=from; bh=AAAA; b=AAAA\r\n" + many;
  }
  struct Case {
    std::string key;
    std::string message;
    TxtAnswer::Status status;
    std::string detail;
    std::string enhanced;
    std::string text;
    std::string usual = "continue";
  };
  using Status = TxtAnswer::Status;
  for (const Case& one : std::vector<Case>{
           {"on_bad_signature", changed, Status::found,
            "d=example.org s=s1: signature does not fit the header", "7.0",
            "bad DKIM signature data"},
           {"on_no_signature", plain_message, Status::found, "there is no signature", "7.0",
            "no DKIM signature data"},
           {"on_key_not_found", text, Status::none, "d=example.org s=s1: no key record", "7.5",
            "DKIM key retrieval failed"},
           {"on_dns_error", text, Status::temporary,
            "d=example.org s=s1: key look-up failed: timeout", "7.5", "DKIM key retrieval failed",
            "tempfail"},
           {"on_security", many, Status::found, "1 more signatures were not looked at", "7.0",
            "too many DKIM signatures", "tempfail"},
       }) {
    CAPTURE(one.key);
    for (const std::string action : {"", "accept", "reject", "tempfail", "discard", "quarantine"}) {
      CAPTURE(action);
      StageUnderTest verifier(action.empty() ? "" : one.key + " = '" + action + "'\n");
      verifier.resolver.answers[key_name] = {
          one.status, false, {record_of(rsa_2048_key)}, "timeout"};
      const Verdict verdict = verifier.run(one.message);
      const std::string wanted = action.empty() ? one.usual : action;
      if (wanted == "accept" || wanted == "continue") {
        CHECK(verdict.action == Action::proceed);
        continue;
      }
      CHECK(to_string(verdict.action) == wanted);
      CHECK(verdict.reason == one.key + ": " + one.detail);
      const bool refuses = wanted == "reject" || wanted == "tempfail";
      REQUIRE(verdict.reply.has_value() == refuses);
      if (refuses) {
        CHECK(verdict.reply->code == (wanted == "reject" ? 550 : 451));
        CHECK(verdict.reply->enhanced == (wanted == "reject" ? "5." : "4.") + one.enhanced);
        CHECK(verdict.reply->lines ==
              std::vector<std::string>{one.text + ": " + one.detail + " (" + one.key + ")"});
      }
      CHECK(verifier.stage->needs().quarantines == (action == "quarantine"));
    }
  }
}
