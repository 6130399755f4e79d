/// What the stage signs it verifies, and nothing else.

#include <string>
#include <vector>

#include "test/plugins/dkim/stage_under_test.hpp"

using namespace milterd;
using namespace milterd::dkim::test;

namespace {

struct KeyCase {
  const char* key;
  const char* algorithm;
  std::int64_t bits;
};
const std::vector<KeyCase> key_cases = {
    {rsa_2048_key, "rsa-sha256", 2048},
    {ed25519_key, "ed25519-sha256", 256},
};

const std::vector<std::string> canonicalizations = {"relaxed/relaxed", "relaxed/simple",
                                                    "simple/relaxed", "simple/simple", "relaxed"};

}  // namespace

TEST_CASE("a signed message verifies, whatever the key and the canonicalization") {
  std::string many_recipients = "To: a@example.net";
  for (int i = 0; i < 40; ++i) {
    many_recipients += ",\r\n\tperson" + std::to_string(i) + "@example.net";
  }
  const std::vector<std::string> messages = {
      plain_message,
      "From: joe@example.org\r\n\r\n",
      "From:joe@example.org\r\nSubject:\r\n\r\n\r\n\r\n",
      "From : joe@example.org\r\nTO:   a\r\n \t b\r\nTo: second\r\nto: third\r\n\r\nno end",
      many_recipients +
          "\r\nFrom: joe@example.org\r\nReferences: <1@x> <2@x>\r\n"
          "In-Reply-To: <2@x>\r\nReply-To: x@example.org\r\nMIME-Version: 1.0\r\n"
          "Content-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n"
          "List-Unsubscribe: <mailto:u@example.org>\r\n\r\nbyte \xff\r\n.\r\n",
      "Received: from a\r\nX-Odd;Name: 1\r\nFrom: joe@example.org\r\n\r\n" +
          std::string(200000, 'x') + "\r\n",
  };
  for (const KeyCase& key : key_cases) {
    for (const std::string& canonicalization : canonicalizations) {
      for (const std::string& message : messages) {
        CAPTURE(canonicalization);
        CAPTURE(message.substr(0, 60));
        CAPTURE(key.algorithm);
        const std::string text = signed_message(message, key.key, canonicalization);
        VerifyingStage verifier(key.key);
        CHECK(verifier.run(text).action == Action::proceed);
        CHECK(verifier.detail.mode == "verify");
        REQUIRE(verifier.detail.signatures.size() == 1);
        const auto& signature = verifier.detail.signatures[0];
        CHECK(signature.result == "pass");
        CHECK(signature.reason == "");
        CHECK(signature.domain == "example.org");
        CHECK(signature.selector == "s1");
        CHECK(signature.algorithm == key.algorithm);
        CHECK(signature.key_bits == key.bits);
        CHECK(signature.header_b.size() == 8);
      }
    }
  }
}

TEST_CASE("a change of a signed byte never passes") {
  for (const KeyCase& key : key_cases) {
    const std::string text = signed_message(plain_message, key.key, "simple/simple");
    const std::size_t message = text.find("\r\nFrom: Joe");
    const std::size_t signature = text.rfind("b=", message);
    for (std::size_t at = 0; at < text.size(); ++at) {
      // Empty lines at the end of the body do not count, and neither do the spare bits at the end
      // of base64.
      if (text[at] == '\r' || text[at] == '\n' || text[at] == ':' ||
          (at > signature && at < message)) {
        continue;
      }
      std::string changed = text;
      changed[at] = changed[at] == 'x' ? 'y' : 'x';
      VerifyingStage verifier(key.key);
      verifier.run(changed);
      CAPTURE(at);
      if (at > message) {
        REQUIRE(verifier.detail.signatures.size() == 1);
        CHECK(verifier.detail.signatures[0].result == "fail");
      } else {
        const bool passes =
            !verifier.detail.signatures.empty() && verifier.detail.signatures[0].result == "pass";
        CHECK_FALSE(passes);
      }
    }
  }
}

TEST_CASE("the reason tells a changed header from a changed body") {
  const std::string text = signed_message(plain_message);
  struct Case {
    const char* from;
    const char* to;
    std::string reason;
  };
  for (const Case& one : std::vector<Case>{
           {"Hello", "Howdy", "signature does not fit the header"},
           {"another", "no other", "body has changed"},
       }) {
    std::string changed = text;
    changed.replace(changed.find(one.from), std::string(one.from).size(), one.to);
    VerifyingStage verifier;
    verifier.run(changed);
    REQUIRE(verifier.detail.signatures.size() == 1);
    CHECK(verifier.detail.signatures[0].result == "fail");
    CHECK(verifier.detail.signatures[0].reason == one.reason);
  }
}

TEST_CASE("a second From does not go unseen") {
  const std::string text = signed_message(plain_message);
  for (const std::string& forged :
       {"From: evil@example.com\r\n" + text,
        std::string(text).insert(text.find("To: jane"), "From: evil@example.com\r\n")}) {
    VerifyingStage verifier;
    verifier.run(forged);
    REQUIRE(verifier.detail.signatures.size() == 1);
    CHECK(verifier.detail.signatures[0].result == "fail");
  }
}

TEST_CASE("the signature is a folded field at the top, with t= as the host says") {
  SigningStage signer;
  signer.received.session.client_address = "";
  for (const std::int64_t time : {0L, 1'000'000'000L, 1'700'000'000L, 2'700'000'000L}) {
    signer.received.time = unix_time(time);
    signer.run(plain_message);
    const TransactionState& transaction = signer.received.state();
    REQUIRE(transaction.modifications().size() == 1);
    const Modification& edit = transaction.modifications()[0];
    CHECK(edit.op == Modification::Op::insert_header);
    CHECK(edit.name == "DKIM-Signature");
    CHECK(edit.index == 0);
    CHECK(edit.value.starts_with(" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org;"));
    CHECK(edit.value.find("t=" + std::to_string(time) + ";") != std::string::npos);
    std::string unfolded = edit.value;
    std::erase_if(unfolded, [](char c) { return c == '\r' || c == '\n' || c == '\t' || c == ' '; });
    CHECK(unfolded.find(";h=From:Subject:Date:Message-ID:To:From;b=") != std::string::npos);
    std::size_t line = 0;
    for (std::size_t end = 0; end != std::string::npos; line = end + 2) {
      end = edit.value.find("\r\n", line);
      CHECK(std::min(end, edit.value.size()) - line <= 78);
    }
    CHECK(transaction.auth_results().empty());
    CHECK(signer.received.notes() == std::vector<std::string>{"dkim_result=signed:example.org"});

    VerifyingStage verifier;
    verifier.received.time = signer.received.time;
    verifier.run(signer.received.message());
    CHECK(verifier.detail.signatures.at(0).result == "pass");
  }
}

TEST_CASE("the same message at the same time gets the same signature") {
  SigningStage signer;
  signer.received.session.client_address = "::1";
  signer.received.time = unix_time(1'790'000'000);
  signer.run(plain_message);
  const std::string first = signer.received.message();
  for (int i = 0; i < 2; ++i) {
    signer.run(plain_message);
    CHECK(signer.received.message() == first);
  }
}

TEST_CASE("signing that fails is answered by on_signature_error") {
  const std::string reason =
      "cannot insert a header field: the MTA did not allow it; does the stage declare it in "
      "needs()?";
  for (const std::string action : {"accept", "tempfail"}) {
    SigningStage signer(rsa_2048_key, "on_signature_error = '" + action + "'\n");
    signer.received.granted.add_header = false;
    const Verdict verdict = signer.run(plain_message);
    CHECK(to_string(verdict.action) == std::string(action == "accept" ? "continue" : "tempfail"));
    if (action == "tempfail") {
      REQUIRE(verdict.reply);
      CHECK(verdict.reply->code == 451);
      CHECK(verdict.reply->lines == std::vector<std::string>{"DKIM signing error"});
    }
    CHECK(signer.detail.signatures.empty());
    CHECK(signer.detail.why.back() == reason);
    CHECK(signer.received.log.lines() ==
          std::vector<std::string>{
              "error dkim.signing_failed domain=example.org selector=s1 reason=" + reason});
    CHECK(signer.received.message() == plain_message);
  }
}
