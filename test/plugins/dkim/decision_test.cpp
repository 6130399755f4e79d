#include "plugins/dkim/decision.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "test/support/received_transaction.hpp"

using namespace milterd;
using namespace milterd::dkim;
using milterd::test::ReceivedTransaction;

namespace {

struct Case {
  std::string address;
  std::string name;
  std::string auth_user;
  std::string from;  ///< The From fields, CRLF in between.
  Decision::Mode mode;
  std::vector<std::string> why;
};

DecisionRules rules(bool sign, bool verify) {
  DecisionRules rules;
  rules.sign = sign;
  rules.verify = verify;
  rules.domains = {"example.org", "example.net"};
  for (const char* entry : {"127.0.0.1", "192.0.2.0/24", "!192.0.2.66", ".inside.example.org"}) {
    REQUIRE(rules.internal_hosts.add(entry));
  }
  return rules;
}

}  // namespace

TEST_CASE("who sent it and what From says decide, and every step is told") {
  using Mode = Decision::Mode;
  const std::string ours = "From: Joe <joe@Example.ORG>";
  const std::string outside = "client 198.51.100.1 is not in internal_hosts";
  const std::string inside = "client 127.0.0.1 is in internal_hosts because of 127.0.0.1";
  for (const Case& one : std::vector<Case>{
           {"127.0.0.1",
            "",
            "",
            ours,
            Mode::sign,
            {inside, "the domain of From, example.org, is one of domain",
             "signing for example.org"}},
           {"",
            "",
            "",
            "From: a@example.net",
            Mode::sign,
            {"the message was submitted locally",
             "the domain of From, example.net, is one of domain", "signing for example.net"}},
           {"192.0.2.9",
            "[192.0.2.9]",
            "",
            ours,
            Mode::sign,
            {"client 192.0.2.9 is in internal_hosts because of 192.0.2.0/24",
             "the domain of From, example.org, is one of domain", "signing for example.org"}},
           {"192.0.2.66",
            "host.example.com",
            "",
            ours,
            Mode::verify,
            {"client 192.0.2.66 (host.example.com) is not in internal_hosts because of !192.0.2.66",
             "the client is not authenticated", "verifying"}},
           {"198.51.100.1",
            "a.inside.example.org",
            "",
            ours,
            Mode::sign,
            {"client 198.51.100.1 (a.inside.example.org) is in internal_hosts because of "
             ".inside.example.org",
             "the domain of From, example.org, is one of domain", "signing for example.org"}},
           {"198.51.100.1",
            "",
            "joe",
            ours,
            Mode::sign,
            {outside, "the client is authenticated as joe",
             "the domain of From, example.org, is one of domain", "signing for example.org"}},
           {"198.51.100.1",
            "",
            "",
            ours,
            Mode::verify,
            {outside, "the client is not authenticated", "verifying"}},
           {"127.0.0.1",
            "",
            "",
            "From: a@example.com",
            Mode::verify,
            {inside, "the domain of From, example.com, is not one of domain", "verifying"}},
           {"127.0.0.1",
            "",
            "",
            "From: a@sub.example.org",
            Mode::verify,
            {inside, "the domain of From, sub.example.org, is not one of domain", "verifying"}},
           {"127.0.0.1",
            "",
            "",
            "Subject: x",
            Mode::verify,
            {inside, "there is no From field", "verifying"}},
           {"127.0.0.1",
            "",
            "",
            ours + "\r\nFROM: b@example.org",
            Mode::verify,
            {inside, "there are 2 From fields", "verifying"}},
           {"127.0.0.1",
            "",
            "",
            "From: a@example.org, b@example.org",
            Mode::verify,
            {inside, "From has 2 addresses", "verifying"}},
           {"127.0.0.1",
            "",
            "",
            "From: undisclosed:;",
            Mode::verify,
            {inside, "From has 0 addresses", "verifying"}},
           {"127.0.0.1",
            "",
            "",
            "From: nobody",
            Mode::verify,
            {inside, "From cannot be read: an address without @", "verifying"}},
       }) {
    CAPTURE(one.from);
    CAPTURE(one.address);
    ReceivedTransaction received;
    const TransactionState& transaction = received.receive(one.from + "\r\nTo: x\r\n\r\n");
    Session client;
    client.client_address = one.address;
    client.client_name = one.name;
    const Decision decision =
        decide(rules(true, true), client, one.auth_user, transaction.headers());
    CHECK(decision.mode == one.mode);
    CHECK(decision.why == one.why);
  }
}

TEST_CASE("mode limits what is done") {
  ReceivedTransaction received;
  const TransactionState& transaction = received.receive("From: a@example.org\r\n\r\n");
  Session inside;
  inside.client_address = "127.0.0.1";
  const Decision verify = decide(rules(false, true), inside, "", transaction.headers());
  CHECK(verify.mode == Decision::Mode::verify);
  CHECK(verify.why == std::vector<std::string>{"mode has no sign", "verifying"});
  Session outside;
  outside.client_address = "198.51.100.1";
  const Decision none = decide(rules(true, false), outside, "", transaction.headers());
  CHECK(none.mode == Decision::Mode::none);
  CHECK(none.why.back() == "nothing to do: mode has no verify");
}
