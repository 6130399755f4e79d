#include <chrono>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "plugins/chained_milter/chained_milter_session.hpp"
#include "plugins/chained_milter/chained_milter_stage.hpp"
#include "test/plugins/chained_milter/scripted_child.hpp"
#include "test/support/loaded_pipeline.hpp"
#include "test/support/received_transaction.hpp"
#include "test/support/stage_table.hpp"

using namespace milterd;
using namespace milterd::chained_milter;
using namespace milterd::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view small_message = "Subject: s\r\n\r\nbody\r\n";

std::string continues(int count) {
  std::string says;
  for (; count > 0; --count) {
    says += packet('c');
  }
  return says;
}

/// One that is asked for all events of a message says so many times "continue" before its end.
constexpr int events_before_end = 8;

/// A session of a stage with `milters`, through one message or up to the first refusal.
struct Run {
  CapturedLog log;
  ReceivedTransaction received;
  std::vector<std::string> faults;
  std::vector<ChildSettings> children;
  std::optional<ChainedMilterSession> session;
  Verdict verdict;
  std::string refused_at;
  std::string error;

  explicit Run(const std::string& milters) : children(parse_milters(milters, faults)) {
    REQUIRE(faults.empty());
    session.emplace(children, log);
    Session& facts = received.session;
    facts.macros = &received.macros;
    facts.deadline = std::chrono::steady_clock::now() + 10s;
    TransactionState& transaction = received.receive(small_message);
    step("connect", session->on_connect(facts)) && step("helo", session->on_helo(facts)) &&
        step("mail", session->on_mail(transaction)) &&
        step("rcpt", session->on_rcpt(transaction, {"jane@example.org", ""})) &&
        step("data", session->on_data(transaction)) &&
        step("end", session->on_message(transaction));
  }
  bool step(const char* name, const Result<Verdict>& result) {
    if (!result) {
      error = result.error().message;
      return false;
    }
    verdict = *result;
    if (ends_the_run(verdict.action)) {
      refused_at = name;
      return false;
    }
    return true;
  }
  std::string said() const {
    std::string text = refused_at.empty() ? "" : refused_at + " ";
    text += to_string(verdict.action);
    if (verdict.reply) {
      text += " " + std::to_string(verdict.reply->code) + " " + verdict.reply->enhanced;
    }
    return text;
  }
  /// Members of describe() of the only filter, or of the one at `index`.
  std::string detail(const char* name, std::optional<std::size_t> index = {}) const {
    const Value whole = session->describe();
    const Value& value = index ? std::get<Value::List>(whole.data).at(*index) : whole;
    for (const auto& [key, member] : std::get<Value::Members>(value.data)) {
      if (key == name) {
        const auto* string = std::get_if<std::string>(&member.data);
        return string == nullptr ? "null" : *string;
      }
    }
    return "?";
  }
};

}  // namespace

TEST_CASE("stage: a filter's edits are made when it has let the message through") {
  ListeningChild child(agreement() + continues(events_before_end) + packet('h', "X-A\0a\0") +
                       packet('c'));
  const Run run(child.endpoint());
  CHECK(run.said() == "continue");
  CHECK(run.received.header_lines() == std::vector<std::string>{"Subject: s", "X-A: a"});
  CHECK(run.detail("endpoint") == child.endpoint());
  CHECK(run.detail("result") == "continue");
  CHECK(run.detail("error") == "null");
  CHECK(run.received.notes() ==
        std::vector<std::string>{"milters=" + child.endpoint() + "=continue"});
}

TEST_CASE("stage: the next filter sees what the one before it edited") {
  ListeningChild first(agreement() + continues(events_before_end) + packet('h', "X-A\0a\0") +
                       packet('b', "new") + packet('a'));
  ListeningChild second(agreement() + continues(10));
  Run run(first.endpoint() + ", " + second.endpoint());
  CHECK(run.said() == "continue");
  CHECK(run.detail("result", 0) == "accept");
  run.session.reset();
  const auto heard = second.heard();
  CHECK(std::ranges::find(heard, "LX-A|a|") != heard.end());
  CHECK(std::ranges::find(heard, "Bnew\r\n") != heard.end());
  CHECK(heard.back() == "Q");
}

TEST_CASE("stage: the first refusal ends the run, its words are the filter's") {
  ListeningChild first(agreement() + continues(3) + packet('y', "554 5.7.9 no\0"));
  ListeningChild second(agreement() + continues(10));
  Run run(first.endpoint() + " " + second.endpoint());
  CHECK(run.said() == "rcpt reject 554 5.7.9");
  run.session.reset();
  const auto heard = second.heard();
  CHECK(std::ranges::none_of(heard,
                             [](const std::string& packet) { return packet.starts_with("R"); }));
}

TEST_CASE("stage: refusals without words get those of Postfix") {
  for (const auto& [letter, wanted] : {std::pair{'r', "mail reject 550 5.7.1"},
                                       {'t', "mail tempfail 451 4.7.1"},
                                       {'4', "mail tempfail 421 4.7.0"},
                                       {'d', "mail discard"}}) {
    ListeningChild child(agreement() + continues(2) + packet(letter));
    CHECK(Run(child.endpoint()).said() == wanted);
  }
}

TEST_CASE("stage: discard means nothing before there is a message") {
  ListeningChild child(agreement() + packet('d'));
  const Run run(child.endpoint());
  CHECK(run.said() == "continue");
  CHECK(run.log.count("warn milter.ignored") == 1);
}

TEST_CASE("stage: after a quarantine the others go on, and a later refusal wins") {
  const std::string holds =
      agreement() + continues(events_before_end) + packet('q', "odd\0") + packet('c');
  ListeningChild first(holds);
  ListeningChild second(agreement() + continues(9));
  const Run held(first.endpoint() + " " + second.endpoint());
  CHECK(held.said() == "quarantine");
  CHECK(held.verdict.reason == "odd");
  CHECK(held.detail("result", 0) == "quarantine");
  ListeningChild third(holds);
  ListeningChild fourth(agreement() + continues(events_before_end) + packet('r'));
  CHECK(Run(third.endpoint() + " " + fourth.endpoint()).said() == "end reject 550 5.7.1");
}

TEST_CASE("stage: a filter that is not there gets its default_action") {
  const std::pair<const char*, const char*> wanted[] = {{"tempfail", "connect tempfail 451 4.7.1"},
                                                        {"reject", "connect reject 550 5.5.0"},
                                                        {"shutdown", "connect tempfail 421 4.7.0"},
                                                        {"accept", "continue"},
                                                        {"quarantine", "quarantine"}};
  for (const auto& [action, said] : wanted) {
    const Run run("{ unix:/nowhere/s default_action=" + std::string(action) + " }");
    CHECK(run.said() == said);
    CHECK(run.log.lines("error") ==
          std::vector<std::string>{
              "error milter.failed session=1 milter=unix:/nowhere/s state=connect error=cannot "
              "connect: No such file or directory default_action=" +
              std::string(action)});
    CHECK(run.detail("error") == "connect: cannot connect: No such file or directory");
  }
}

TEST_CASE("stage: a filter lost after its first edit leaves the message as it was before it") {
  ListeningChild first(agreement() + continues(events_before_end) + packet('h', "X-A\0a\0") +
                       packet('c'));
  ListeningChild second(
      agreement() + continues(events_before_end + 1) + packet('h', "X-B\0b\0") + packet('b', "new"),
      ListeningChild::Then::close);
  const Run run(first.endpoint() + " { " + second.endpoint() + " default_action=accept }");
  CHECK(run.said() == "continue");
  CHECK(run.received.message() == "Subject: s\r\nX-A: a\r\n\r\nbody\r\n");
  CHECK(run.detail("error", 1) == "end of message: it closed the connection instead of an answer");
  CHECK(run.received.log.count("error milter.failed milter=" + second.endpoint()) == 1);
}

TEST_CASE("stage: an edit that no message can take is the filter's failure, and none is made") {
  ListeningChild child(agreement() + continues(events_before_end) + packet('h', "X-A\0a\0") +
                       packet('h', "no name\0b\0") + packet('c'));
  const Run run("{ " + child.endpoint() + " default_action=accept }");
  CHECK(run.said() == "continue");
  CHECK(run.received.header_lines() == std::vector<std::string>{"Subject: s"});
  CHECK(run.detail("error") ==
        "end of message: it edits the header field \"no name\", which is no name");
}

TEST_CASE("stage: a refusal makes no edits") {
  ListeningChild child(agreement() + continues(events_before_end) + packet('h', "X-A\0a\0") +
                       packet('r'));
  const Run run(child.endpoint());
  CHECK(run.said() == "end reject 550 5.7.1");
  CHECK(run.received.header_lines() == std::vector<std::string>{"Subject: s"});
}

TEST_CASE("stage: what is no milter is called so") {
  ListeningChild child("220 mx.example.org ESMTP\r\n");
  const Run run(child.endpoint());
  CHECK(run.said() == "connect tempfail 451 4.7.1");
  CHECK(run.detail("error") ==
        "connect: it is no milter but an SMTP or FTP server, it says \"220 mx.example.org ESMTP\"");
}

TEST_CASE("stage: a message of a session whose beginning it was not told of does not pass") {
  ListeningChild child(agreement() + continues(9));
  CapturedLog log;
  std::vector<std::string> faults;
  const auto children = parse_milters(child.endpoint(), faults);
  ChainedMilterSession session(children, log);
  ReceivedTransaction received;
  const auto verdict = session.on_message(received.receive(small_message));
  REQUIRE(verdict);
  CHECK(verdict->action == Action::tempfail);
}

TEST_CASE("stage: filters on inet sockets, by address and by name") {
  using Then = ListeningChild::Then;
  using On = ListeningChild::On;
  const std::string says = agreement() + continues(events_before_end + 1);
  ListeningChild four(says, Then::listen, On::ipv4);
  CHECK(four.endpoint().starts_with("inet:127.0.0.1:"));
  CHECK(Run(four.endpoint()).said() == "continue");
  if (ListeningChild::can_ipv6()) {
    ListeningChild six(says, Then::listen, On::ipv6);
    CHECK(Run(six.endpoint()).said() == "continue");
  } else {
    MESSAGE("not over IPv6: this machine has none");
  }
  // Whatever addresses that name has, in whatever order: one of them answers.
  ListeningChild named(says, Then::listen, On::ipv4);
  CHECK(Run("inet:localhost:" + named.port()).said() == "continue");
}

TEST_CASE("stage: what cannot be connected to is told from what does not answer") {
  std::string endpoint;
  {
    const ListeningChild gone("", ListeningChild::Then::listen, ListeningChild::On::ipv4);
    endpoint = gone.endpoint();
  }
  CHECK(Run(endpoint).detail("error") == "connect: cannot connect: Connection refused");
  CHECK(Run("inet:no..host:1").detail("error").starts_with("connect: cannot look up its host: "));
}

TEST_CASE("stage: a silent filter is given up before the host's time is up") {
  ListeningChild child("");
  CapturedLog log;
  std::vector<std::string> faults;
  const auto children = parse_milters(child.endpoint(), faults);
  ChainedMilterSession session(children, log);
  FixedMacros macros;
  Session facts{"1", "mail.example.net", "192.0.2.7", ""};
  facts.macros = &macros;
  facts.deadline = std::chrono::steady_clock::now() + 300ms;
  const auto verdict = session.on_connect(facts);
  CHECK(std::chrono::steady_clock::now() < facts.deadline);
  REQUIRE(verdict);
  CHECK(verdict->action == Action::tempfail);
}

TEST_CASE("stage: its table") {
  CapturedLog log;
  NoResolver resolver;
  const StageEnv env{"chained", log, resolver, Load::now, nullptr};
  StageTable good("milters = 'inet:127.0.0.1:8899, { unix:/run/x.sock, default_action=accept }'\n");
  REQUIRE(ChainedMilterStage::make(good.section(), env));
  CHECK(good.errors().empty());
  StageTable list("milters = ['inet:127.0.0.1:8899', 'unix:/run/x.sock']\n");
  REQUIRE(ChainedMilterStage::make(list.section(), env));
  CHECK(list.errors().empty());
  StageTable none("");
  REQUIRE(ChainedMilterStage::make(none.section(), env));
  CHECK(none.errors().size() == 1);
  StageTable bad("milters = 'inet:8899, { unix:/run/x.sock, speed=1 }'\n");
  REQUIRE(ChainedMilterStage::make(bad.section(), env));
  const auto errors = bad.errors();
  REQUIRE(errors.size() == 2);
  CHECK(
      errors[0] ==
      "milters: \"inet:8899\": host and port are both needed; write inet:host:port or unix:/path");
}
