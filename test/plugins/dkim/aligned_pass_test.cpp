/// Who wrote the message, and does a signature speak for him: require_aligned_pass and
/// on_malformed_from.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "test/plugins/dkim/stage_under_test.hpp"

using namespace milterd;
using namespace milterd::dkim::test;

namespace {

/// `message` signed by example.org, as a stage with these keys judges it.
struct Judged {
  Judged(const std::string& keys, const std::string& text,
         TxtAnswer::Status status = TxtAnswer::Status::found)
      : verifier(keys) {
    verifier.resolver.answers[key_name] = {status, false, {record_of(rsa_2048_key)}, "timed out"};
    verdict = verifier.run(text);
  }
  StageUnderTest verifier;
  Verdict verdict;
};

std::string from(const std::string& address) {
  std::string message = plain_message;
  const std::string own = "Joe <joe@example.org>";
  return message.replace(message.find(own), own.size(), address);
}

/// A message with this From, signed by example.org for its Sender.
std::string signed_from(const std::string& address) {
  SigningStage signer(rsa_2048_key, "sender_headers = ['Sender']\n");
  signer.run("Sender: list@example.org\r\n" + from(address));
  REQUIRE(signer.detail.signatures.size() == 1);
  return signer.received.message();
}

std::string reply_of(const Verdict& verdict) {
  if (!verdict.reply) {
    return to_string(verdict.action);
  }
  return std::to_string(verdict.reply->code) + " " + verdict.reply->enhanced + " " +
         verdict.reply->lines.at(0);
}

}  // namespace

TEST_CASE("a signature that passes and aligns is required where that is wanted") {
  std::string broken = signed_message(plain_message);
  broken.replace(broken.find("Hello"), 5, "Howdy");
  struct Case {
    std::string keys;
    std::string text;
    std::string reply;
  };
  const std::string none = "no valid DKIM signature for the author's domain ";
  const std::string reject = "require_aligned_pass = 'reject'\n";
  for (const Case& one : std::vector<Case>{
           {reject, signed_message(plain_message), "continue"},
           {reject + "alignment = 'strict'\n", signed_message(plain_message), "continue"},
           {reject, signed_from("joe@lists.example.org"), "continue"},
           {reject + "alignment = 'strict'\n", signed_from("joe@lists.example.org"),
            "550 5.7.1 " + none + "lists.example.org (require_aligned_pass)"},
           {reject, signed_from("joe@example.net"),
            "550 5.7.1 " + none + "example.net (require_aligned_pass)"},
           {reject, plain_message, "550 5.7.1 " + none + "example.org (require_aligned_pass)"},
           {reject, broken, "550 5.7.1 " + none + "example.org (require_aligned_pass)"},
           {"require_aligned_pass = 'tempfail'\n", broken,
            "451 4.7.1 " + none + "example.org (require_aligned_pass)"},
           {"", broken, "continue"},
           {reject + "on_bad_signature = 'discard'\n", broken, "discard"},
           {reject + "on_bad_signature = 'quarantine'\n", broken,
            "550 5.7.1 " + none + "example.org (require_aligned_pass)"},
       }) {
    CAPTURE(one.keys);
    CAPTURE(one.text);
    CHECK(reply_of(Judged(one.keys, one.text).verdict) == one.reply);
  }
}

TEST_CASE("where DNS fails the author's signature may be good at the next try") {
  const auto temporary = TxtAnswer::Status::temporary;
  const std::string keys = "require_aligned_pass = 'reject'\non_dns_error = 'accept'\n";
  const Judged own(keys, signed_message(plain_message), temporary);
  CHECK(reply_of(own.verdict) ==
        "451 4.7.1 the DKIM signature for the author's example.org cannot be verified now: "
        "d=example.org s=s1: key look-up failed (require_aligned_pass)");
  const Judged foreign(keys, signed_from("joe@example.net"), temporary);
  CHECK(reply_of(foreign.verdict) ==
        "550 5.7.1 no valid DKIM signature for the author's domain example.net "
        "(require_aligned_pass)");
}

TEST_CASE("mail that we sign needs no signature of its own") {
  SigningStage signer(rsa_2048_key, "require_aligned_pass = 'reject'\n");
  CHECK(signer.run(plain_message).action == Action::proceed);
  CHECK(signer.detail.mode == "sign");
}

TEST_CASE("why says whose signature spoke for the author") {
  const Judged good("require_aligned_pass = 'reject'\n", signed_message(plain_message));
  CHECK(good.verifier.detail.why.back() ==
        "the signature of example.org speaks for the author's example.org");
  const Judged unsigned_mail("require_aligned_pass = 'reject'\n", plain_message);
  CHECK(unsigned_mail.verifier.detail.why.back() ==
        "no signature that passes speaks for the author's example.org");
}

TEST_CASE("a From that names no single author gets what on_malformed_from says") {
  const std::string body = "Subject: x\r\n\r\nx\r\n";
  struct Case {
    std::string text;
    std::string fault;
  };
  for (const Case& one : std::vector<Case>{
           {body, "there is no From field"},
           {"From: a@example.org\r\nFrom: b@example.org\r\n" + body, "there are 2 From fields"},
           {"From: a@example.org, b@example.net\r\n" + body, "From has 2 addresses"},
           {"From: undisclosed:;\r\n" + body, "From has 0 addresses"},
       }) {
    CAPTURE(one.text);
    const std::string text = "the author of the message cannot be told: " + one.fault;
    const std::string reply = text + " (on_malformed_from)";
    for (const auto& [action, expected] :
         std::vector<std::pair<std::string, std::string>>{{"", "continue"},
                                                          {"accept", "continue"},
                                                          {"reject", "550 5.7.1 " + reply},
                                                          {"tempfail", "451 4.7.1 " + reply},
                                                          {"discard", "discard"},
                                                          {"quarantine", "quarantine"}}) {
      CAPTURE(action);
      const Judged judged(action.empty() ? "" : "on_malformed_from = '" + action + "'\n", one.text);
      CHECK(reply_of(judged.verdict) == expected);
      if (expected != "continue") {
        CHECK(judged.verdict.reason == "on_malformed_from: " + text);
      }
      CHECK(judged.verifier.stage->needs().quarantines == (action == "quarantine"));
      const auto& why = judged.verifier.detail.why;
      CHECK(std::ranges::find(why, "the author is not known: " + one.fault) != why.end());
    }
    CHECK(reply_of(Judged("require_aligned_pass = 'reject'\n", one.text).verdict) ==
          "550 5.7.1 no DKIM signature can speak for the author: " + one.fault +
              " (require_aligned_pass)");
  }
  const Judged unreadable("on_malformed_from = 'reject'\n", "From: <a@\r\n" + body);
  CHECK(reply_of(unreadable.verdict)
            .starts_with(
                "550 5.7.1 the author of the message cannot be told: From cannot be read: "));
}

TEST_CASE("a refusal comes before a quarantine, whichever option it is of") {
  const std::string two = "From: a@example.org\r\nFrom: b@example.org\r\n\r\n";
  CHECK(
      reply_of(
          Judged("on_malformed_from = 'quarantine'\non_no_signature = 'reject'\n", two).verdict) ==
      "550 5.7.0 no DKIM signature data: there is no signature (on_no_signature)");
  CHECK(
      reply_of(Judged("on_malformed_from = 'tempfail'\non_no_signature = 'reject'\n", two).verdict)
          .starts_with("451 4.7.1 "));
}
