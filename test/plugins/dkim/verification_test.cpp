/// Messages of others: test vectors, hostile ones, and what is reported of them.

#include <string>
#include <vector>

#include "test/plugins/dkim/stage_under_test.hpp"

using namespace milterd;
using namespace milterd::dkim::test;

namespace {

const std::string author_fields =
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n";
const std::string author_body =
    "\r\n"
    "Hi.\r\n"
    "\r\n"
    "We lost the game. Are you hungry yet?\r\n"
    "\r\n"
    "Joe.\r\n";

/// "pass example.org: reason" for each Authentication-Results entry.
std::vector<std::string> results_of(const TransactionState& transaction) {
  std::vector<std::string> texts;
  for (const AuthResult& result : transaction.auth_results()) {
    CHECK(result.method == "dkim");
    std::string text = result.result;
    for (const auto& property : result.properties) {
      CHECK(property.type == "header");
      if (property.name == "d") {
        text += " " + property.value;
      }
    }
    texts.push_back(text + (result.reason.empty() ? "" : ": " + result.reason));
  }
  return texts;
}

/// The header of `message` has this in front.
std::string with_signature(const std::string& value, const std::string& message) {
  return "DKIM-Signature:" + value + "\r\n" + message;
}

}  // namespace

TEST_CASE("the example of RFC 6376 appendix A verifies") {
  StageUnderTest verifier;
  verifier.resolver.set_records(
      "brisbane._domainkey.example.com",
      {"v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
       "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/"
       "NMqJ0fzfVjH4OuKhi"
       "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"});
  verifier.run(
      "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"
      "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"
      "      h=Received : From : To : Subject : Date : Message-ID;\r\n"
      "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      "      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n"
      "      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"
      "      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n"
      "      4bmp/YzhwvcubU4=;\r\n"
      "Received: from client1.football.example.com  [192.0.2.1]\r\n"
      "      by submitserver.example.com with SUBMISSION;\r\n"
      "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n" +
      author_fields + author_body);
  CHECK(results_of(verifier.received.state()) == std::vector<std::string>{"pass example.com"});
}

TEST_CASE("both signatures of RFC 8463 appendix A verify") {
  StageUnderTest verifier;
  verifier.resolver.set_records(
      "brisbane._domainkey.football.example.com",
      {"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="});
  verifier.resolver.set_records(
      "test._domainkey.football.example.com",
      {"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhd"
       "R6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"
       "8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5Qj"
       "vHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"});
  verifier.run(
      "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
      " d=football.example.com; i=@football.example.com;\r\n"
      " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
      " subject : date : message-id : from : subject : date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
      " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
      " d=football.example.com; i=@football.example.com;\r\n"
      " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
      " date : message-id : from : subject : date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
      " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
      " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n" +
      author_fields + author_body);
  CHECK(results_of(verifier.received.state()) ==
        std::vector<std::string>{"pass football.example.com", "pass football.example.com"});
  CHECK(verifier.detail.signatures.at(0).algorithm == "ed25519-sha256");
  CHECK(verifier.detail.signatures.at(1).algorithm == "rsa-sha256");
  CHECK(verifier.detail.signatures.at(1).key_bits == 1024);
}

TEST_CASE("a result names the signature") {
  const std::string text = signed_message(plain_message);
  VerifyingStage verifier;
  verifier.run(text);
  REQUIRE(verifier.received.state().auth_results().size() == 1);
  const AuthResult& result = verifier.received.state().auth_results()[0];
  CHECK(result.comment == "2048-bit key");
  std::string properties;
  for (const auto& property : result.properties) {
    properties += property.type + "." + property.name + "=" + property.value + " ";
  }
  CHECK(properties == "header.d=example.org header.s=s1 header.a=rsa-sha256 header.b=" +
                          verifier.detail.signatures[0].header_b + " ");
  CHECK(verifier.received.notes() == std::vector<std::string>{"dkim_result=pass:example.org"});
  CHECK(verifier.resolver.asked == std::vector<std::string>{key_name});
}

TEST_CASE("a message without a signature is reported as none") {
  StageUnderTest verifier;
  verifier.run(plain_message);
  CHECK(results_of(verifier.received.state()) == std::vector<std::string>{"none"});
  CHECK(verifier.detail.mode == "verify");
  CHECK(verifier.detail.signatures.empty());
  CHECK(verifier.detail.why.back() == "there is no signature");
  CHECK(verifier.received.notes() == std::vector<std::string>{"dkim_result=none"});
}

TEST_CASE("messages of odd shape get a result") {
  for (const std::string& message : std::vector<std::string>{
           "\r\n", "\r\nbody", "Subject: no sender\r\n\r\n", "From: a\r\nFrom: b\r\n\r\n",
           std::string("From: a\0b\r\nX\x80: y\r\n\r\n", 20), "From\t: a\r\nX\t : y\r\n\r\n",
           "From\r: a\r\nX: bare\rreturn and\nfeed\r\n\r\nbare\rreturn and\nfeed"}) {
    const std::string text = signed_message(plain_message);
    const std::string signature = text.substr(0, text.find("\r\nFrom: Joe") + 2);
    VerifyingStage verifier;
    CHECK(verifier.run(signature + message).action == Action::proceed);
    REQUIRE(verifier.detail.signatures.size() == 1);
    CHECK(verifier.detail.signatures[0].result == "fail");
  }
}

TEST_CASE("what DNS answers decides the result") {
  const std::string text = signed_message(plain_message);
  const std::string record = record_of(rsa_2048_key);
  struct Case {
    TxtAnswer::Status status;
    std::vector<std::string> records;
    std::string result;
    std::string reason;
  };
  using Status = TxtAnswer::Status;
  for (const Case& one : std::vector<Case>{
           {Status::found, {record}, "pass", ""},
           {Status::found, {record, "google-site-verification=1"}, "pass", ""},
           {Status::found, {record.substr(record.find("k="))}, "pass", ""},
           {Status::found, {record + "; t=s:y; n=a note; s=email"}, "pass", ""},
           {Status::none, {}, "permerror", "no key record"},
           {Status::temporary, {}, "temperror", "key look-up failed: timed out"},
           {Status::bogus, {}, "fail", "key record fails DNSSEC validation (bogus_key)"},
           {Status::found, {record, record}, "permerror", "several key records"},
           {Status::found, {"a", "b"}, "permerror", "several key records"},
           {Status::found, {"v=DKIM1; p="}, "permerror", "key is revoked"},
           {Status::found, {"v=DKIM1; k=rsa"}, "permerror", "key record has no p="},
           {Status::found,
            {"v=DKIM2; p=AAAA"},
            "permerror",
            "key record has a version that is not known"},
           {Status::found,
            {record_of(ed25519_key)},
            "permerror",
            "key record is not of the signature's algorithm (k=)"},
           {Status::found,
            {"v=DKIM1; p=\\;"},
            "permerror",
            "key record has a p= that is not base64"},
           {Status::found,
            {"nonsense"},
            "permerror",
            "key record is malformed: tag nonsense has no ="},
           {Status::found, {"v=DKIM1; p=AAAA"}, "permerror", "p= of the key record is no RSA key"},
           {Status::found,
            {record + "; h=sha1"},
            "permerror",
            "key record does not allow the signature's hash (h=)"},
           {Status::found, {record + "; s=tlsrpt"}, "permerror", "key is not meant for mail (s=)"},
           {Status::found, {record + "; n=" + std::string(1000, 'n')}, "pass", ""},
           {Status::found,
            {record + "; n=" + std::string(9000, 'n')},
            "permerror",
            "key record is longer than 8192 bytes"},
       }) {
    CAPTURE(one.reason);
    StageUnderTest verifier;
    verifier.resolver.answers[key_name] = {one.status, false, one.records, "timed out"};
    verifier.run(text);
    REQUIRE(verifier.detail.signatures.size() == 1);
    CHECK(verifier.detail.signatures[0].result == one.result);
    CHECK(verifier.detail.signatures[0].reason == one.reason);
  }
}

TEST_CASE("a malformed signature is reported and hides no good one") {
  const std::string text = signed_message(plain_message);
  struct Case {
    std::string value;
    std::string reason;
  };
  const std::string sound = " v=1; a=rsa-sha256; d=example.net; s=s; h=from; bh=AAAA; b=AAAA";
  for (const Case& one : std::vector<Case>{
           {"", "v= is missing"},
           {" nonsense", "tag nonsense has no ="},
           {sound + "; q=foo", "q= is not a method that is known"},
           {sound + "; i=@example.net=", "i= is malformed"},
           {sound + "; i==H@example.net", "i= is malformed"},
           {sound + "; i=" + std::string(300, 'a') + "@example.net", "i= is malformed"},
           {sound + "; i=@example.com", "the domain of i= is not d= or below it"},
           {sound + "; d=example.net", "tag d= comes twice"},
           {sound + "; x=1; t=2", "x= is not after t="},
           {sound + std::string(65536, ' '), "longer than 32768 bytes"},
       }) {
    for (const bool in_front : {true, false}) {
      CAPTURE(one.value.substr(0, 100));
      VerifyingStage verifier;
      verifier.run(in_front ? with_signature(one.value, text)
                            : std::string(text).insert(text.find("From: Joe"),
                                                       with_signature(one.value, "")));
      REQUIRE(verifier.detail.signatures.size() == 2);
      const auto& bad = verifier.detail.signatures[in_front ? 0 : 1];
      CHECK(bad.result == "permerror");
      CHECK(bad.reason == one.reason);
      CHECK(verifier.detail.signatures[in_front ? 1 : 0].result == "pass");
      CHECK(verifier.resolver.asked == std::vector<std::string>{key_name});
    }
  }
}

TEST_CASE("of a thousand signatures ten are verified and the rest is named once") {
  std::string text = plain_message;
  for (int i = 999; i >= 0; --i) {
    text = with_signature(
        " v=1; a=rsa-sha256; d=d" + std::to_string(i) + ".example; s=s; h=from; bh=AAAA; b=AAAA",
        text);
  }
  StageUnderTest verifier("on_security = 'tempfail'\n");
  const Verdict verdict = verifier.run(text);
  CHECK(verifier.resolver.asked.size() == 10);
  CHECK(verifier.detail.signatures.size() == 10);
  CHECK(verifier.detail.signatures[9].domain == "d9.example");
  CHECK(verifier.detail.why.back() ==
        "990 more signatures were not looked at: d10.example, d11.example, d12.example, "
        "d13.example, d14.example, ...");
  const auto results = results_of(verifier.received.state());
  REQUIRE(results.size() == 11);
  CHECK(results.back() == "policy: 990 more signatures were not looked at");
  CHECK(verifier.received.notes() ==
        std::vector<std::string>{
            "dkim_result=permerror:d0.example,permerror:d1.example,permerror:d2.example,"
            "permerror:d3.example,..."});
  CHECK(verdict.action == Action::tempfail);
}

TEST_CASE("ten malformed signatures do not use up the places of good ones") {
  std::string text = signed_message(plain_message);
  for (int i = 0; i < 30; ++i) {
    text = with_signature(" nonsense", text);
  }
  VerifyingStage verifier;
  verifier.run(text);
  REQUIRE(verifier.detail.signatures.size() == 11);
  CHECK(verifier.detail.signatures.back().result == "pass");
}

TEST_CASE("time is judged by the host's clock") {
  SigningStage signer;
  signer.received.time = unix_time(1'700'000'000);
  signer.run(plain_message);
  struct Case {
    std::int64_t now;
    std::string result;
  };
  for (const Case& one : std::vector<Case>{{1'700'000'000, "pass"},
                                           {1'699'999'700, "pass"},
                                           {1'699'999'699, "permerror"},
                                           {2'600'000'000, "pass"}}) {
    CAPTURE(one.now);
    VerifyingStage verifier;
    verifier.received.time = unix_time(one.now);
    verifier.run(signer.received.message());
    CHECK(verifier.detail.signatures.at(0).result == one.result);
    CHECK(verifier.detail.signatures.at(0).reason ==
          (one.result == "pass" ? "" : "signature is from the future (clock_drift)"));
  }
}

TEST_CASE("an edit by an earlier stage is seen") {
  const std::string text = signed_message(plain_message);
  VerifyingStage verifier;
  TransactionState& transaction = verifier.received.receive(text, verifier.session.get());
  REQUIRE(transaction.delete_header(0));
  REQUIRE(verifier.session->on_message(transaction));
  CHECK(results_of(transaction) == std::vector<std::string>{"none"});
}

TEST_CASE("a session keeps nothing of the message before") {
  const std::string text = signed_message(plain_message);
  VerifyingStage verifier;
  verifier.run(text);
  CHECK(verifier.detail.signatures.size() == 1);
  verifier.run(plain_message);
  CHECK(verifier.detail.signatures.empty());
  CHECK(milterd::dkim::test::read_detail(verifier.session->describe()).mode == "none");
}

TEST_CASE("keys come from a file where one is given") {
  const std::string text = signed_message(plain_message);
  const TemporaryFile keys("# keys\n\nS1._domainkey.example.org\t" + record_of(rsa_2048_key) +
                           "\n");
  StageUnderTest verifier("test_public_keys = '" + keys.path() + "'\n");
  verifier.run(text);
  CHECK(verifier.detail.signatures.at(0).result == "pass");
  CHECK(verifier.resolver.asked.empty());
}

TEST_CASE("a body that goes on after l= is not accepted, and neither is rsa-sha1") {
  // Made with dkimpy and rsa_2048_key.
  const std::string with_length =
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org;\r\n"
      " i=@example.org; l=9; q=dns/txt; s=s1; t=1700000000; h=from : subject;\r\n"
      " bh=RWazX/YQAR3g9Q8KuqJFT/EBt+8N9WXVO3U9zXPeSM0=;\r\n"
      " b=aaS8nyhMCC0pGgsLZ/WPxh4phLiEuFs8u45x8PjGwRqCgFOmKDLApMfBdhnafC+xCIaEV\r\n"
      " FmHO6zAVzYuk2ga7HWWPcHnG/mAbvBvfPzGsADD3ZPIDqwaTU8daBwNKQk885B2SbJj6rD3\r\n"
      " 9jisNAeiS0LGccB0MWp26EoU3oakPSamTGgij10Qa/gmBT6PeQzQINnyohB7poI26t8SaUN\r\n"
      " eb+gQwVMn1H0ZJsPU1ScvXFD8oiD86UCc9AVOMbQB0dfFkRnXJ5yrMmQf+er1KfQbA/28/C\r\n"
      " 7hNS4fsTDMtTAM270Z5gb97WBPAHfkKCSDZpBuFOy6ZQQHWudmUlKfaTEKDA==\r\n";
  const std::string with_sha1 =
      "DKIM-Signature: v=1; a=rsa-sha1; c=relaxed/relaxed; d=example.org;\r\n"
      " i=@example.org; q=dns/txt; s=s1; t=1700000000; h=from : subject;\r\n"
      " bh=+S0wEt4Cner7+jwlOR9/TFPgVRI=;\r\n"
      " b=DM6H2AwlMsGQvGDJwe7ESKrb0gJCKzWYnxyoCoRtzQdQMbBhWgYyT3K0d9RJYeZT3Nwc0\r\n"
      " c/gjLlOD02GYbjrw2zR9WBQ2wGM6qW1iKb7+1hNqEtic+122tIj35hpak+CB4uY6AK4tX5X\r\n"
      " hDz3GZsH68RG7s2F/LW7kYAC3CDgNQI0jVEdc1hHKFDIiPaAgQiSoZlEyozj6EAkgV31QLa\r\n"
      " h7IUrO09Np93CNt0wEbpRDWQ0+1k/r+s40cgEeRWWloFRrZv+tkOVaV5f8yOnPh2AZPoDqo\r\n"
      " jvsOCFT0svAW8tSg8AOviYn6RTMRI60vbx68Wnj4jcMUTHYVRDwd1z+33VZw==\r\n";
  const std::string message = "From: joe@example.org\r\nSubject: hello\r\n\r\nSigned.\r\n";
  struct Case {
    std::string text;
    std::string result;
    std::string reason;
  };
  for (const Case& one : std::vector<Case>{
           {with_length + message, "pass", ""},
           {with_length + message + "\r\n\r\n", "pass", ""},
           {with_length + message + "Buy!\r\n", "policy",
            "l= leaves 6 bytes of the body unsigned (minimum = 100%)"},
           {with_length + message.substr(0, message.size() - 4) + "\r\n", "permerror",
            "l= goes beyond the end of the body"},
           {with_sha1 + message, "policy", "rsa-sha1 is no longer safe (allow_sha1)"},
           {with_sha1 + message + "Buy!\r\n", "fail", "body has changed"},
       }) {
    VerifyingStage verifier;
    verifier.run(one.text);
    REQUIRE(verifier.detail.signatures.size() == 1);
    CHECK(verifier.detail.signatures[0].result == one.result);
    CHECK(verifier.detail.signatures[0].reason == one.reason);
  }
}

TEST_CASE("a good signature over a malformed one below verifies, whatever is put on top") {
  // Made with dkimpy and rsa_2048_key; h= names DKIM-Signature.
  const std::string relaxed =
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org;\r\n"
      " i=@example.org; q=dns/txt; s=s1; t=1795353818; h=from : subject :\r\n"
      " dkim-signature; bh=RWazX/YQAR3g9Q8KuqJFT/EBt+8N9WXVO3U9zXPeSM0=;\r\n"
      " b=cNWB7Mm+nk65avN+f2ga8vQAX5gYBi42JFH3NSe965m7Fj7OoW4hcuJeMgQcqWS3S+A+t\r\n"
      " uEWJGH5mg7eRqBzhPXmzI2lU0oNR2vfboioiDuMgAiTn0WWaZSYV0NMGxKrt3twml6BtF4s\r\n"
      " TMVHOK0DLK2yVLI5bvPNpnwgCcHx++EQzP/KQnWwX2XrhqdikSWBqu46Ym8JTrRMdvOmluc\r\n"
      " LKmCEDfwWAuOiu4/08qTTExwBJFXvjedYwpMQ8+3hF1MC5TjyGwIEhj4NGK52tlyawmnZW6\r\n"
      " eMPILwaN89Sz6zvCYdDfSBuKpceZFLX7fDpXZ0rlrqSQeNTtPJgHj06OK/rA==\r\n";
  const std::string simple =
      "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=example.org;\r\n"
      " i=@example.org; q=dns/txt; s=s1; t=1795353818; h=from : subject :\r\n"
      " dkim-signature; bh=RWazX/YQAR3g9Q8KuqJFT/EBt+8N9WXVO3U9zXPeSM0=;\r\n"
      " b=K7FS7XHBYo+zZitAqhtQ8T2NsG97HVz6ly7j5NedXDWruGL9+GY/l+Bbta6PlCkzHcHX4\r\n"
      " sQ/xEaJZFHTAJyESJC4DuGIZanvMTSSyRewWHVutqAXQkTkegXtSKxMnUx8r0Ejc80Lv8KS\r\n"
      " NS2Vxd+fNHMVnRx+E/XhT3zqLbEXEKdKupg6cy0sNIsFiDrajBZPJtOiXEBPYB9xkT9fAsy\r\n"
      " 5Fs3c8LytrQfKVxnRbISynL4liGa1x+m2rdhs46RlBi2MEA7ZCKtncKaJuB58ZBMv58/uRj\r\n"
      " we8PMaACxCJiEvBsVycFk89A/IUJWGO+caNbbzGPI7gTkjxpv3avlR+dEM/g==\r\n";
  const std::string older = "DKIM-Signature: nonsense that\r\n  nobody can  read\r\n";
  const std::string message = "From: joe@example.org\r\nSubject: hello\r\n\r\nSigned.\r\n";
  const std::string keyless =
      "DKIM-Signature: v=1; a=rsa-sha256; d=example.net; s=s; h=from; bh=AAAA; b=AAAA\r\n";
  struct Case {
    std::string text;
    std::size_t position;
    std::string result;
  };
  for (const std::string& signature : {relaxed, simple}) {
    for (const Case& one : std::vector<Case>{
             {signature + older + message, 0, "pass"},
             {"DKIM-Signature: new nonsense\r\n" + signature + older + message, 1, "pass"},
             {keyless + signature + older + message, 1, "pass"},
             {older + signature + message, 1, "pass"},
             {signature + "DKIM-Signature: nonsense that\r\n  nobody can read\r\n" + message, 0,
              signature == relaxed ? "pass" : "fail"},
             {signature + "DKIM-Signature: other nonsense\r\n" + message, 0, "fail"},
             {signature + keyless + message, 0, "fail"},
             {signature + message, 0, "fail"},
         }) {
      CAPTURE(one.text);
      VerifyingStage verifier;
      verifier.received.time = unix_time(1'795'353'818);
      verifier.run(one.text);
      CHECK(verifier.detail.signatures.at(one.position).result == one.result);
    }
  }
}

TEST_CASE("a tab before the colon of a signature is no failure of ours") {
  std::string text = signed_message(plain_message);
  text.insert(std::string_view("DKIM-Signature").size(), "\t");
  VerifyingStage verifier;
  CHECK(verifier.run(text).action == Action::proceed);
  CHECK(verifier.detail.signatures.at(0).result == "permerror");
  CHECK(verifier.detail.signatures.at(0).reason == "the field's name is malformed");
}

TEST_CASE("only so many domains are looked up") {
  std::string text = signed_message(plain_message);
  for (int i = 0; i < 5; ++i) {
    text = with_signature(" v=1; a=rsa-sha256; d=D" + std::to_string(i / 2) + ".example; s=s" +
                              std::to_string(i) + "; h=from; bh=AAAA; b=AAAA",
                          text);
  }
  StageUnderTest verifier("maximum_domains_to_verify = 2\n");
  verifier.run(text);
  CHECK(verifier.resolver.asked == std::vector<std::string>{"s4._domainkey.d2.example",
                                                            "s3._domainkey.d1.example",
                                                            "s2._domainkey.d1.example"});
  CHECK(verifier.detail.why.back() ==
        "3 more signatures were not looked at: D0.example, D0.example, example.org");
}
