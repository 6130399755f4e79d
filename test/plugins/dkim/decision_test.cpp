#include "plugins/dkim/decision.hpp"

#include <string>
#include <utility>
#include <vector>

#include "doctest/doctest.h"
#include "test/plugins/dkim/temporary_directory.hpp"
#include "test/support/received_transaction.hpp"
#include "test/support/stage_table.hpp"

using namespace milterd;
using namespace milterd::dkim;
using milterd::dkim::test::TemporaryDirectory;
using milterd::test::ReceivedTransaction;
using milterd::test::StageTable;

namespace {

using Mode = Decision::Mode;
using Texts = std::vector<std::string>;

/// Signs for example.org and example.net, and, without naming them, for all of .test.
class TwoDomains final : public Signers {
 public:
  std::vector<Signer> find(const MailAddress& sender, Texts& why) const override {
    const bool ours = names(sender) || sender.domain.ends_with(".test");
    why.push_back((ours ? "a key for " : "no key for ") + sender.domain);
    return ours ? std::vector<Signer>{{sender.domain, "s1", "", nullptr}} : std::vector<Signer>{};
  }
  bool names(const MailAddress& sender) const override {
    return sender.domain == "example.org" || sender.domain == "example.net";
  }
  std::vector<Known> known() const override { return {}; }
};

DecisionRules read_rules(const std::string& keys) {
  StageTable table(keys);
  DecisionRules rules = read_decision_rules(table.section());
  CHECK(table.problems() == Texts{});
  return rules;
}

const std::string usual_rules =
    "mode = ['sign', 'verify']\n"
    "internal_hosts = ['127.0.0.1', '192.0.2.0/24', '!192.0.2.66', '.inside.example.org']\n";

struct Case {
  std::string address;
  std::string name;
  std::vector<std::pair<std::string, std::string>> macros;
  std::string header;  ///< Fields, CRLF in between.
  Mode mode;
  Texts why;
};

/// What became of a message.
struct Decided {
  Decided(const DecisionRules& rules, const Case& one, const Texts& recipients = {}) {
    ReceivedTransaction received(one.address);
    received.session.client_name = one.name;
    for (const auto& [name, value] : one.macros) {
      received.macros.values[name] = value;
    }
    TransactionState& transaction = received.receive(one.header + "\r\nTo: x\r\n\r\n");
    for (const std::string& recipient : recipients) {
      transaction.add_envelope_recipient({recipient, ""});
    }
    decision = decide(rules, &signers, read_author(transaction.headers()), transaction);
    warn_of_claimed_domain(decision, transaction);
    log = received.log.lines();
  }
  TwoDomains signers;
  Decision decision;
  Texts log;
};

void check(const DecisionRules& rules, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    CAPTURE(one.header);
    CAPTURE(one.address);
    const Decided decided(rules, one);
    CHECK(decided.decision.mode == one.mode);
    CHECK(decided.decision.why == one.why);
    CHECK(decided.decision.signers.empty() == (one.mode != Mode::sign));
  }
}

const std::string ours = "From: Joe <joe@Example.ORG>";
const std::string key = "a key for example.org";
const std::string signing = "signing for example.org with selector s1";
const std::string inside = "client 127.0.0.1 is in internal_hosts because of 127.0.0.1";
const std::string outside = "client 198.51.100.1 is not in internal_hosts";
const std::string not_authenticated = "the client is not authenticated";

}  // namespace

TEST_CASE("mail of internal hosts and authenticated users is ours, and every step is told") {
  check(
      read_rules(usual_rules),
      {
          {"127.0.0.1", "", {}, ours, Mode::sign, {inside, key, signing}},
          {"",
           "",
           {},
           "From: a@example.net",
           Mode::sign,
           {"the message was submitted locally", "a key for example.net",
            "signing for example.net with selector s1"}},
          {"192.0.2.9",
           "[192.0.2.9]",
           {},
           ours,
           Mode::sign,
           {"client 192.0.2.9 is in internal_hosts because of 192.0.2.0/24", key, signing}},
          {"192.0.2.66",
           "host.example.com",
           {},
           ours,
           Mode::verify,
           {"client 192.0.2.66 (host.example.com) is not in internal_hosts because of !192.0.2.66",
            not_authenticated, "verifying"}},
          {"198.51.100.1",
           "a.inside.example.org",
           {},
           ours,
           Mode::sign,
           {"client 198.51.100.1 (a.inside.example.org) is in internal_hosts because of "
            ".inside.example.org",
            key, signing}},
          {"198.51.100.1",
           "",
           {{"{auth_authen}", "joe"}, {"{auth_type}", "PLAIN"}},
           ours,
           Mode::sign,
           {outside, "the client is authenticated as joe", key, signing}},
          {"198.51.100.1",
           "",
           {{"{auth_type}", "EXTERNAL"}},
           ours,
           Mode::sign,
           {outside, "the client is authenticated by EXTERNAL", key, signing}},
          {"198.51.100.1", "", {}, ours, Mode::verify, {outside, not_authenticated, "verifying"}},
          {"127.0.0.1",
           "",
           {},
           "From: a@example.com",
           Mode::verify,
           {inside, "no key for example.com", "verifying"}},
      });
}

TEST_CASE("mail with a malformed From is not signed") {
  check(read_rules(usual_rules),
        {
            {"127.0.0.1",
             "",
             {},
             "Subject: x",
             Mode::verify,
             {inside, "there is no From field", "verifying"}},
            {"127.0.0.1",
             "",
             {},
             ours + "\r\nFROM: b@example.org",
             Mode::verify,
             {inside, "there are 2 From fields", "verifying"}},
            {"127.0.0.1",
             "",
             {},
             "From: a@example.org, b@example.org",
             Mode::verify,
             {inside, "From has 2 addresses", "verifying"}},
            {"127.0.0.1",
             "",
             {},
             "From: undisclosed:;",
             Mode::verify,
             {inside, "From has 0 addresses", "verifying"}},
            {"127.0.0.1",
             "",
             {},
             "From: nobody",
             Mode::verify,
             {inside, "From cannot be read: an address without @", "verifying"}},
        });
}

TEST_CASE("another field may say who the sender is") {
  check(read_rules(usual_rules + "sender_headers = ['Resent-Sender', 'Sender', 'From']\n"),
        {
            {"127.0.0.1",
             "",
             {},
             "From: a@example.com\r\nsender: b@example.org",
             Mode::sign,
             {inside, "the sender is the one in Sender", key, signing}},
            {"127.0.0.1",
             "",
             {},
             "From: a@example.net\r\nSender: b@example.com\r\nResent-Sender: c@example.org",
             Mode::sign,
             {inside, "the sender is the one in Resent-Sender", key, signing}},
            {"127.0.0.1", "", {}, ours, Mode::sign, {inside, key, signing}},
            {"127.0.0.1",
             "",
             {},
             ours + "\r\nSender: b@example.org\r\nSender: c@example.org",
             Mode::verify,
             {inside, "there are 2 Sender fields", "verifying"}},
            {"127.0.0.1",
             "",
             {},
             ours + "\r\nSender: b@example.org, c@example.org",
             Mode::verify,
             {inside, "Sender has 2 addresses", "verifying"}},
            {"127.0.0.1",
             "",
             {},
             "From: nobody\r\nSender: b@example.org",
             Mode::verify,
             {inside, "From cannot be read: an address without @", "verifying"}},
        });
  // From is tried last even where it is not named.
  check(read_rules(usual_rules + "sender_headers = 'Sender'\n"),
        {{"127.0.0.1", "", {}, ours, Mode::sign, {inside, key, signing}}});
}

TEST_CASE("mail that comes through certain daemons is ours") {
  check(read_rules(usual_rules + "mta = ['Submission', 'MSA']\n"),
        {
            {"198.51.100.1",
             "",
             {{"{daemon_name}", "submission"}},
             ours,
             Mode::sign,
             {"{daemon_name} is submission, which is one of mta", key, signing}},
            {"198.51.100.1",
             "",
             {{"{daemon_name}", "smtpd"}},
             ours,
             Mode::verify,
             {"{daemon_name} is smtpd, which is not one of mta", outside, not_authenticated,
              "verifying"}},
            {"127.0.0.1",
             "",
             {},
             ours,
             Mode::sign,
             {"the MTA did not say {daemon_name}, so mta does not count", inside, key, signing}},
        });
}

TEST_CASE("macros make mail ours") {
  const DecisionRules rules = read_rules(
      usual_rules + "macro_list = ['cert_subject', '{tls}=yes|very', 'csl:v=one|two, w', 'x']\n");
  const auto fits = [](const std::string& name, const std::string& value) {
    return Case{"198.51.100.1",
                "",
                {{name, value}},
                ours,
                Mode::sign,
                {"macro " + name + " is " + value + ", as macro_list wants it", key, signing}};
  };
  const auto does_not_fit = [](const std::string& name, const std::string& value) {
    return Case{"198.51.100.1",
                "",
                {{name, value}},
                ours,
                Mode::verify,
                {"no macro is as macro_list wants it", outside, not_authenticated, "verifying"}};
  };
  check(rules, {fits("{cert_subject}", "anything"), fits("{tls}", "yes"), fits("{tls}", "very"),
                fits("v", "two"), fits("w", "anything"), fits("x", "1"),
                does_not_fit("{tls}", "no"), does_not_fit("v", ""), does_not_fit("{other}", "yes"),
                does_not_fit("{cert_subject}", "")});
}

TEST_CASE("mail of peers is left alone, whatever else it is") {
  check(read_rules(usual_rules + "peer_list = ['127.0.0.1', '.example.com', '!192.0.2.1']\n"),
        {
            {"127.0.0.1",
             "",
             {},
             ours,
             Mode::none,
             {"client 127.0.0.1 is in peer_list because of 127.0.0.1", "left alone"}},
            {"198.51.100.1",
             "mail.example.com",
             {},
             ours,
             Mode::none,
             {"client 198.51.100.1 (mail.example.com) is in peer_list because of .example.com",
              "left alone"}},
            {"192.0.2.1",
             "",
             {},
             ours,
             Mode::sign,
             {"client 192.0.2.1 is in internal_hosts because of 192.0.2.0/24", key, signing}},
        });
}

TEST_CASE("mail of exempt domains is left alone") {
  check(read_rules(usual_rules + "exempt_domains = ['Example.org']\nsender_headers = ['Sender']\n"),
        {
            {"127.0.0.1",
             "",
             {},
             ours,
             Mode::none,
             {"the sender's domain, example.org, is one of exempt_domains", "left alone"}},
            {"198.51.100.1",
             "",
             {},
             "From: a@example.com\r\nSender: b@example.org",
             Mode::none,
             {"the sender's domain, example.org, is one of exempt_domains", "left alone"}},
            {"127.0.0.1",
             "",
             {},
             "From: a@sub.example.org",
             Mode::verify,
             {inside, "no key for sub.example.org", "verifying"}},
            // Nobody gets by unverified with a second sender.
            {"198.51.100.1",
             "",
             {},
             ours + "\r\n" + ours,
             Mode::verify,
             {outside, not_authenticated, "verifying"}},
        });
}

TEST_CASE("mail to certain recipients is left alone in place of being signed") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("recipients", "list-*@example.com\n");
  const DecisionRules rules =
      read_rules(usual_rules + "dont_sign_mail_to = ['Bot@example.com', 'refile:" + file + "']\n");
  const Case from_us{"127.0.0.1", "", {}, ours, Mode::sign, {}};
  for (const char* recipient : {"bot@Example.com", "List-a@example.com"}) {
    const Decided decided(rules, from_us, {"jane@example.com", recipient});
    CHECK(decided.decision.mode == Mode::none);
    CHECK(decided.decision.signers.empty());
    CHECK(decided.decision.why ==
          Texts{inside, key, "recipient " + std::string(recipient) + " is one of dont_sign_mail_to",
                "left alone"});
  }
  CHECK(Decided(rules, from_us, {"robot@example.com"}).decision.mode == Mode::sign);
  const Case from_outside{"198.51.100.1", "", {}, ours, Mode::verify, {}};
  CHECK(Decided(rules, from_outside, {"bot@example.com"}).decision.mode == Mode::verify);
}

TEST_CASE("mail from outside in our name is worth a warning, unless its client is known") {
  const DecisionRules rules =
      read_rules(usual_rules + "external_ignore_list = ['203.0.113.0/24', 'lists.example.com']\n");
  const auto log = [&rules](const std::string& address, const std::string& name,
                            const std::string& header,
                            const std::vector<std::pair<std::string, std::string>>& macros = {}) {
    return Decided(rules, Case{address, name, macros, header, Mode::verify, {}}).log;
  };
  CHECK(log("198.51.100.1", "bad.example.com", ours) ==
        Texts{"warn dkim.external_sender client=198.51.100.1 client_name=bad.example.com "
              "domain=example.org"});
  CHECK(log("203.0.113.9", "", ours).empty());
  CHECK(log("198.51.100.1", "lists.example.com", ours).empty());
  CHECK(log("198.51.100.1", "", "From: a@example.com").empty());
  CHECK(log("198.51.100.1", "", "From: a@some.test").empty());
  CHECK(log("198.51.100.1", "", ours + "\r\n" + ours).empty());
  CHECK(log("127.0.0.1", "", ours).empty());
  CHECK(log("198.51.100.1", "", ours, {{"{auth_authen}", "joe"}}).empty());
}

TEST_CASE("mode limits what is done") {
  const Case from_us{"127.0.0.1", "", {}, ours, Mode::sign, {}};
  const Decision verify = Decided(read_rules("mode = 'verify'\n"), from_us).decision;
  CHECK(verify.mode == Mode::verify);
  CHECK(verify.why == Texts{"mode has no sign", "verifying"});
  const Case from_outside{"198.51.100.1", "", {}, ours, Mode::none, {}};
  const Decided none(read_rules("mode = 'sign'\n"), from_outside);
  CHECK(none.decision.mode == Mode::none);
  CHECK(none.decision.why.back() == "nothing to do: mode has no verify");
}

TEST_CASE("mode is sign and verify where there is something to sign with") {
  CHECK_FALSE(read_rules("").sign);
  CHECK(read_rules("").verify);
  for (const char* setting : {"domain", "selector", "key_file", "key_table", "signing_table"}) {
    CAPTURE(setting);
    StageTable table(std::string(setting) + " = 'x'\n");
    const DecisionRules rules = read_decision_rules(table.section());
    CHECK(rules.sign);
    CHECK(rules.verify);
  }
}

TEST_CASE("the MTA is asked for the macros that count") {
  CHECK(macros_of(read_rules("")).empty());
  CHECK(macros_of(read_rules("mode = 'sign'\n")) == Texts{"{auth_authen}", "{auth_type}"});
  CHECK(macros_of(
            read_rules("mode = 'sign'\nmta = 'MSA'\n"
                       "macro_list = ['v', 'auth_type', 'tls_version=x', '{tls_version}']\n")) ==
        Texts{"{auth_authen}", "{auth_type}", "{daemon_name}", "v", "{tls_version}"});
}

TEST_CASE("every fault of the rules is told") {
  const TemporaryDirectory directory;
  const std::string macros = directory.write("macros", "a x|y\nb/c\n");
  StageTable table("mode = ['sign', 's']\nmacro_list = ['', 'a b=c', '" + macros +
                   "', 'refile:" + macros +
                   "', '/nowhere']\nsender_headers = ['From:', '']\n"
                   "mta = 'db:x'\npeer_list = '1.2.3'\n");
  read_decision_rules(table.section());
  const std::string no_macro = "' is no macro: write \"name\" or \"name=value|value\"";
  CHECK(table.problems() ==
        Texts{"mode: 's' is no mode: use \"sign\", \"verify\" or both", "macro_list: '" + no_macro,
              "macro_list: 'a b" + no_macro, "macro_list: '" + macros + "' line 2: 'b/c" + no_macro,
              "macro_list: 'refile:" + macros +
                  "' has patterns: macro_list takes names; use file: or a list of \"name=value\"",
              "macro_list: cannot read '/nowhere': No such file or directory",
              "sender_headers: 'From:' is not the name of a header field",
              "sender_headers: '' is not the name of a header field",
              "mta: cannot use 'db:x': only lists and text files can be read; write the data to a "
              "text file and name it with file: or refile:",
              "peer_list: '1.2.3' is not a host: use an address (192.0.2.7), a network "
              "(192.0.2.0/24), a name (mail.example.org) or a domain (.example.org), with ! in "
              "front for an exception"});
}
