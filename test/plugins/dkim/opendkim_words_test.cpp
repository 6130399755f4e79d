/// Authentication-Results with compat = "opendkim", and what else the field says.

#include <string>
#include <vector>

#include "milterd/auth_results/auth_results.hpp"
#include "test/plugins/dkim/stage_under_test.hpp"

using namespace milterd;
using namespace milterd::dkim::test;

namespace {

/// The field's text in one line.
std::string field_of(StageUnderTest& verifier) {
  std::string text = write_auth_results("mx.test", verifier.received.state().auth_results());
  for (std::size_t at = text.find("\r\n\t"); at != std::string::npos; at = text.find("\r\n\t")) {
    text.replace(at, 3, " ");
  }
  return text;
}

std::string field_for(const std::string& keys, const std::string& text, const TxtAnswer& answer) {
  StageUnderTest verifier(keys);
  verifier.resolver.answers[key_name] = answer;
  verifier.run(text);
  return field_of(verifier);
}

TxtAnswer answer_of(TxtAnswer::Status status, const std::string& record = record_of(rsa_2048_key)) {
  return {status, false, {record}, "timed out"};
}

const std::string compat = "compat = 'opendkim'\n";

}  // namespace

TEST_CASE("the field says what opendkim's says") {
  using Status = TxtAnswer::Status;
  const std::string text = signed_message(plain_message);
  StageUnderTest reader;
  reader.run(text);
  const std::string b = reader.detail.signatures.at(0).header_b;
  const std::string quoted_b = b.find('/') == std::string::npos ? b : '"' + b + '"';
  const std::string who =
      " header.d=example.org header.i=@example.org header.a=rsa-sha256 "
      "header.s=s1 header.b=" +
      quoted_b;
  std::string changed = text;
  changed.replace(changed.find("Hello"), 5, "Howdy");
  struct Case {
    std::string text;
    TxtAnswer answer;
    std::string field;
    std::string keys = "";
  };
  for (const Case& one : std::vector<Case>{
           {text, answer_of(Status::found), "dkim=pass (2048-bit key)" + who},
           {changed, answer_of(Status::found),
            "dkim=fail reason=\"signature verification failed\" (2048-bit key)" + who},
           {text, answer_of(Status::none), "dkim=fail reason=\"key not found in DNS\"" + who},
           {text, answer_of(Status::temporary), "dkim=temperror" + who},
           {text, answer_of(Status::found, "v=DKIM1; p="),
            "dkim=fail reason=\"key revoked\"" + who},
           {text, answer_of(Status::found, "v=DKIM1; p=AAAA"), "dkim=permerror" + who},
           {text, answer_of(Status::found, "junk"), "dkim=temperror" + who},
           {text, answer_of(Status::found),
            "dkim=policy reason=\"signing key too small\" (2048-bit key)" + who,
            "minimum_key_bits = 4096\n"},
           {plain_message, answer_of(Status::none), "dkim=none"},
       }) {
    CHECK(field_for(compat + one.keys, one.text, one.answer) == "mx.test; " + one.field);
  }
}

TEST_CASE("opendkim gives no size of an Ed25519 key") {
  StageUnderTest verifier(compat);
  verifier.resolver.set_records(key_name, {record_of(ed25519_key)});
  verifier.run(signed_message(plain_message, ed25519_key));
  CHECK(field_of(verifier).starts_with("mx.test; dkim=pass header.d=example.org header.i="));
}

TEST_CASE("signatures that are not looked at are neutral there, and policy here") {
  std::string text = plain_message;
  for (int i = 7; i >= 0; --i) {
    text = "DKIM-Signature: v=1; a=rsa-sha256; d=d" + std::to_string(i) +
           ".example; s=s; h=from; bh=AAAA; b=AAAA\r\n" + text;
  }
  const std::string cap = "maximum_signatures_to_verify = 1\n";
  const std::string like_opendkim = field_for(cap + compat, text, {});
  const auto who = [](int i) {
    const std::string domain = "d" + std::to_string(i) + ".example";
    return " header.d=" + domain + " header.i=@" + domain +
           " header.a=rsa-sha256 header.s=s header.b=AAAA";
  };
  CHECK(like_opendkim == "mx.test; dkim=fail reason=\"key not found in DNS\"" + who(0) +
                             "; dkim=neutral" + who(1) + "; dkim=neutral" + who(2) +
                             "; dkim=neutral" + who(3) + "; dkim=neutral" + who(4) +
                             "; dkim=neutral" + who(5) +
                             "; dkim=neutral reason=\"2 more signatures were not looked at\"");
  CHECK(field_for(cap, text, {}) ==
        "mx.test; dkim=permerror reason=\"no key record\" header.d=d0.example header.s=s "
        "header.a=rsa-sha256 header.b=AAAA; dkim=policy reason=\"7 more signatures were not looked "
        "at\"");
}

TEST_CASE("the state of DNSSEC stands beside the size of the key where somebody validates") {
  const std::string text = signed_message(plain_message);
  TxtAnswer answer = answer_of(TxtAnswer::Status::found);
  CHECK(field_for("", text, answer).starts_with("mx.test; dkim=pass (2048-bit key) header.d="));
  answer.validating = true;
  CHECK(field_for("", text, answer)
            .starts_with("mx.test; dkim=pass (2048-bit key; unprotected) header.d="));
  CHECK(field_for("unprotected_key = 'fail'\n", text, answer)
            .starts_with("mx.test; dkim=policy reason=\"key record is not protected by DNSSEC "
                         "(unprotected_key)\" (2048-bit key; unprotected) header.d="));
  answer.secure = true;
  CHECK(field_for("unprotected_key = 'fail'\n", text, answer)
            .starts_with("mx.test; dkim=pass (2048-bit key; secure) header.d="));
  answer.status = TxtAnswer::Status::bogus;
  CHECK(field_for("", text, answer)
            .starts_with("mx.test; dkim=fail reason=\"key record fails DNSSEC validation "
                         "(bogus_key)\" (2048-bit key; bogus) header.d="));
}

TEST_CASE("dkim=none is worth a field of its own only by option") {
  for (const bool worth : {true, false}) {
    StageUnderTest verifier(worth ? "" : "always_add_ar_header = false\n");
    verifier.run(plain_message);
    const auto& results = verifier.received.state().auth_results();
    REQUIRE(results.size() == 1);
    CHECK(results[0].result == "none");
    CHECK(results[0].only_beside_others == !worth);
    verifier.run(signed_message(plain_message));
    CHECK_FALSE(verifier.received.state().auth_results()[0].only_beside_others);
  }
}

TEST_CASE("i= is written without its quoted-printable") {
  StageUnderTest verifier;
  verifier.run(
      "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s; h=from; bh=AAAA; b=AAAA;\r\n"
      " i=a=20b=3D=3B=22@example.org\r\n" +
      plain_message);
  CHECK(field_of(verifier) ==
        "mx.test; dkim=permerror reason=\"no key record\" header.d=example.org "
        "header.i=\"a b=;\\\"@example.org\" header.s=s header.a=rsa-sha256 header.b=AAAA");
}
