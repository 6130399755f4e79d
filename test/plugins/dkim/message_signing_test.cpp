#include "plugins/dkim/signing/message_signing.hpp"

#include <memory>
#include <string>
#include <vector>

#include "test/plugins/dkim/stage_under_test.hpp"

using namespace milterd;
using namespace milterd::dkim;
using namespace milterd::dkim::test;
using milterd::test::ReceivedTransaction;

namespace {

constexpr const char* advice =
    "the signature was made before this edit; put sign_at = \"end\" into the dkim stage, or the "
    "stage that edits before it";

Signer signer_with(const char* key, std::string selector = "s1",
                   std::string domain = "example.org") {
  auto parsed = SigningKey::parse(key, "test key");
  REQUIRE(parsed);
  return {.domain = std::move(domain),
          .selector = std::move(selector),
          .identity = "",
          .key = std::make_shared<const SigningKey>(std::move(*parsed))};
}

/// A message in the hands of the stage "first".
struct SigningRun {
  ReceivedTransaction received;
  SigningRules rules;
  Actions actions{};
  MessageSigning signing;
  std::vector<ReportedSignature> reported;
  std::vector<std::string> why;

  explicit SigningRun(const std::string& message = plain_message) {
    rules.sign_headers = {"From", "Subject", "X-Signed"};
    rules.oversign_headers = {"From"};
    actions.fill(Action::reject);
    received.receive(message);
  }
  Verdict sign(const std::vector<Signer>& signers) {
    return signing.sign(rules, actions, signers, received.state(), reported, why);
  }
  /// What follows is edited by the stage "second".
  TransactionState& later() {
    received.state().begin_turn(1, received.deadline, received.log);
    return received.state();
  }
  /// The lines that the edits since are worth.
  std::vector<std::string> warnings() {
    received.state().begin_turn(0, received.deadline, received.log);
    signing.warn_of_broken(received.state());
    return received.log.lines("warn");
  }
};

std::size_t field_index(const Transaction& transaction, std::string_view name) {
  const auto headers = transaction.headers();
  std::size_t i = 0;
  while (i < headers.size() && headers[i].name() != name) {
    ++i;
  }
  REQUIRE(i < headers.size());
  return i;
}

}  // namespace

TEST_CASE("each signature stands above the one before it, as opendkim puts them") {
  SigningRun run;
  const Verdict verdict =
      run.sign({signer_with(rsa_2048_key, "s1"), signer_with(ed25519_key, "s2")});
  CHECK(verdict.action == Action::proceed);
  const auto lines = run.received.header_lines();
  REQUIRE(lines.size() == 7);
  CHECK(lines[0].starts_with("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;"));
  CHECK(lines[1].starts_with("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;"));
  REQUIRE(run.reported.size() == 2);
  CHECK(run.reported[0].selector == "s2");
  CHECK(run.reported[0].algorithm == "ed25519-sha256");
  CHECK(run.reported[0].key_bits == 256);
  CHECK(run.reported[1].selector == "s1");
  CHECK(run.reported[1].algorithm == "rsa-sha256");
  CHECK(run.reported[1].key_bits == 2048);
  for (const ReportedSignature& one : run.reported) {
    CHECK(one.domain == "example.org");
    CHECK(one.result == "signed");
    CHECK(one.reason == "");
    CHECK(one.header_b.size() == 8);
  }
  CHECK(run.why.empty());
  CHECK(run.received.notes() ==
        std::vector<std::string>{"dkim_result=signed:example.org,signed:example.org"});
  CHECK(run.received.log.lines() ==
        std::vector<std::string>{"debug dkim.signed domain=example.org selector=s1",
                                 "debug dkim.signed domain=example.org selector=s2"});
}

TEST_CASE("every signature of a message verifies") {
  for (const std::string canonicalization : {"simple", "relaxed"}) {
    SigningRun run;
    run.rules.canonicalization = {.header = canonicalization, .body = canonicalization};
    run.rules.signature_ttl = std::chrono::hours(1);
    run.sign({signer_with(rsa_2048_key, "s1"), signer_with(ed25519_key, "s2"),
              signer_with(rsa_2048_key, "s1", "example.net")});
    VerifyingStage verifier;
    verifier.resolver.set_records("s2._domainkey.example.org", {record_of(ed25519_key)});
    verifier.resolver.set_records("s1._domainkey.example.net", {record_of(rsa_2048_key)});
    verifier.run(run.received.message());
    REQUIRE(verifier.detail.signatures.size() == 3);
    for (const auto& signature : verifier.detail.signatures) {
      CHECK(signature.result == "pass");
    }
  }
}

TEST_CASE("a key that fails is named in the log and does not stop the others") {
  SigningRun run;
  const Verdict verdict =
      run.sign({signer_with(rsa_2048_key, "s1", "no/domain"), signer_with(ed25519_key, "s2")});
  const std::string reason =
      "cannot sign: the signature would be malformed: d= is not a domain name";
  CHECK(verdict.action == Action::proceed);
  REQUIRE(run.reported.size() == 1);
  CHECK(run.reported[0].selector == "s2");
  CHECK(run.why == std::vector<std::string>{reason});
  CHECK(run.received.notes() == std::vector<std::string>{"dkim_result=signed:example.org"});
  CHECK(run.received.log.lines() ==
        std::vector<std::string>{
            "error dkim.signing_failed domain=no/domain selector=s1 reason=" + reason,
            "debug dkim.signed domain=example.org selector=s2",
            "warn dkim.partly_signed made=1 wanted=2"});
}

TEST_CASE("on_signature_error counts only where no signature could be made") {
  SigningRun run;
  run.rules.remove_old_signatures = true;
  run.rules.software_header = true;
  run.received.receive("DKIM-Signature: old\r\n" + plain_message);
  const Verdict verdict =
      run.sign({signer_with(rsa_2048_key, "s1", "no/domain"), signer_with(ed25519_key, "s/2")});
  CHECK(verdict.action == Action::reject);
  CHECK(verdict.reason == "cannot sign: the signature would be malformed: d= is not a domain name");
  CHECK(run.reported.empty());
  CHECK(run.why.size() == 2);
  CHECK(run.received.notes() == std::vector<std::string>{"dkim_result=unsigned"});
  CHECK(run.received.log.lines("error").size() == 2);
  CHECK(run.received.state().modifications().empty());
}

TEST_CASE("old signatures go only where that is wished for") {
  const std::string message =
      "DKIM-Signature: one\r\nReceived: r\r\ndkim-signature: two\r\n" + plain_message + "";
  for (const bool remove : {false, true}) {
    SigningRun run(message);
    run.rules.remove_old_signatures = remove;
    run.sign({signer_with(ed25519_key)});
    const auto lines = run.received.header_lines();
    REQUIRE(lines.size() == (remove ? 7 : 9));
    CHECK(lines[0].starts_with("DKIM-Signature: v=1;"));
    CHECK(lines[1] == (remove ? "Received: r" : "DKIM-Signature: one"));
    CHECK(run.received.log.lines("warn").empty());
    if (remove) {
      const auto edits = run.received.state().modifications();
      REQUIRE(edits.size() == 3);
      CHECK(edits[0].op == Modification::Op::delete_header);
      CHECK(edits[0].index == 2);
      CHECK(edits[1].op == Modification::Op::delete_header);
      CHECK(edits[1].index == 1);
    }
  }
}

TEST_CASE("an old signature that must not be removed stays, with a warning") {
  SigningRun run;
  run.received.granted.change_header = false;
  run.received.receive("DKIM-Signature: one\r\n" + plain_message);
  run.rules.remove_old_signatures = true;
  CHECK(run.sign({signer_with(ed25519_key)}).action == Action::proceed);
  CHECK(run.reported.size() == 1);
  CHECK(run.received.header_lines().size() == 7);
  CHECK(run.received.log.lines("warn") ==
        std::vector<std::string>{
            "warn dkim.old_signature_stays reason=cannot delete a header field: the MTA did not "
            "allow it; does the stage declare it in needs()?"});
}

TEST_CASE("the software header names milterd, this host and the message") {
  SigningRun run;
  run.rules.software_header = true;
  run.sign({signer_with(ed25519_key)});
  const auto lines = run.received.header_lines();
  CHECK(lines[0].starts_with("DKIM-Filter: milterd v"));
  CHECK(lines[0].ends_with(" mx.example.org 4Yk2"));
  CHECK(lines[1].starts_with("DKIM-Signature:"));
}

TEST_CASE("an edit that breaks a signature is warned of, with its stage and header") {
  struct Case {
    const char* what;
    void (*edit)(TransactionState& transaction);
    std::vector<std::string> broken;  ///< "op=... header=..."
  };
  const std::vector<Case> cases = {
      {"nothing", [](TransactionState&) {}, {}},
      {"a header that is not signed",
       [](TransactionState& t) {
         REQUIRE(t.add_header("X-Virus-Status", "Clean"));
         REQUIRE(t.insert_header(0, "Authentication-Results", "mx"));
         REQUIRE(t.change_header(field_index(t, "To"), " nobody"));
         REQUIRE(t.delete_header(field_index(t, "Date")));
       },
       {}},
      {"the envelope",
       [](TransactionState& t) { REQUIRE(t.add_recipient({"x@example.org", ""})); },
       {}},
      {"a signed header",
       [](TransactionState& t) {
         REQUIRE(t.change_header(field_index(t, "Subject"), " [tagged] Hello"));
       },
       {"op=change_header header=Subject"}},
      {"a signed header, changed in what does not count",
       [](TransactionState& t) {
         REQUIRE(t.change_header(field_index(t, "Subject"), "  Hello,  world  "));
       },
       {}},
      {"a signed header, deleted",
       [](TransactionState& t) { REQUIRE(t.delete_header(field_index(t, "Subject"))); },
       {"op=delete_header header=Subject"}},
      {"a signed header, changed and changed back",
       [](TransactionState& t) {
         REQUIRE(t.change_header(field_index(t, "Subject"), " other"));
         REQUIRE(t.change_header(field_index(t, "Subject"), " Hello,\r\n  world"));
       },
       {}},
      {"a second From, in front and behind",
       [](TransactionState& t) {
         REQUIRE(t.insert_header(0, "from", "x@example.org"));
         REQUIRE(t.add_header("FROM", "x@example.org"));
       },
       {"op=insert_header header=from", "op=add_header header=FROM"}},
      {"a second Subject on top, which the signature does not count",
       [](TransactionState& t) { REQUIRE(t.insert_header(0, "Subject", "x")); },
       {}},
      {"a second Subject at the end, which it takes for the first",
       [](TransactionState& t) { REQUIRE(t.add_header("Subject", "x")); },
       {"op=add_header header=Subject"}},
      {"a name that is signed but was not there",
       [](TransactionState& t) { REQUIRE(t.add_header("X-Signed", "1")); },
       {}},
      {"the body",
       [](TransactionState& t) { REQUIRE(t.replace_body("other\r\n")); },
       {"op=replace_body header="}},
      {"the body, only in what does not count",
       [](TransactionState& t) {
         REQUIRE(t.replace_body("A line\twith blanks\r\n\r\nand another.\r\n\r\n\r\n"));
       },
       {}},
      {"the signature itself",
       [](TransactionState& t) { REQUIRE(t.delete_header(0)); },
       {"op=delete_header header=DKIM-Signature"}},
  };
  for (const Case& one : cases) {
    CAPTURE(one.what);
    SigningRun run;
    run.sign({signer_with(ed25519_key)});
    one.edit(run.later());
    std::vector<std::string> expected;
    for (const std::string& broken : one.broken) {
      expected.push_back("warn dkim.signature_broken by=second " + broken +
                         " domain=example.org advice=" + advice);
    }
    CHECK(run.warnings() == expected);
  }
}

TEST_CASE("of several signatures those that break are named") {
  SigningRun run;
  run.sign({signer_with(ed25519_key, "s1", "example.org"),
            signer_with(rsa_2048_key, "s1", "example.net"),
            signer_with(rsa_2048_key, "s2", "example.org")});
  TransactionState& later = run.later();
  REQUIRE(later.delete_header(1));
  REQUIRE(later.replace_body("other\r\n"));
  CHECK(run.warnings() ==
        std::vector<std::string>{
            std::string("warn dkim.signature_broken by=second op=delete_header "
                        "header=DKIM-Signature domain=example.net advice=") +
                advice,
            std::string("warn dkim.signature_broken by=second op=replace_body header= "
                        "domain=example.org,example.net advice=") +
                advice});
}

TEST_CASE("a body with l= is looked at as far as it is signed") {
  SigningRun run;
  run.rules.maximum_signed_bytes = 6;
  run.sign({signer_with(ed25519_key)});
  SUBCASE("behind it") {
    REQUIRE(run.later().replace_body("A line, and more"));
    CHECK(run.warnings().empty());
  }
  SUBCASE("within") {
    REQUIRE(run.later().replace_body("A lion, and more"));
    CHECK(run.warnings().size() == 1);
  }
  SUBCASE("shorter") {
    REQUIRE(run.later().replace_body("A\r\n"));
    CHECK(run.warnings().size() == 1);
  }
}

TEST_CASE("edits before the signature do not break it, and nothing is kept for the next message") {
  SigningRun run;
  REQUIRE(run.received.state().change_header(field_index(run.received.state(), "Subject"), " x"));
  run.sign({signer_with(ed25519_key)});
  CHECK(run.warnings().empty());
  run.signing.forget();
  run.received.receive(plain_message);
  REQUIRE(run.later().replace_body("other\r\n"));
  CHECK(run.warnings().empty());
}
