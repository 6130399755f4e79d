#include "plugins/chained_milter/protocol/milter_client.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "test/plugins/chained_milter/scripted_child.hpp"
#include "test/support/captured_log.hpp"

using namespace milterd;
using namespace milterd::milter;
using namespace milterd::test;
using namespace std::chrono_literals;

namespace {

using Kind = Decision::Kind;
using Heard = std::vector<std::string>;

constexpr std::uint32_t nothing_unanswered = 0;

/// A client of a filter that says `says` after the negotiation.
struct Conversation {
  FixedMacros macros;
  PairedChild child;
  std::optional<MilterClient> client;
  std::string fault;

  explicit Conversation(const std::string& says, const std::string& agrees = agreement(),
                        Timeouts timeouts = {})
      : child(agrees + says) {
    auto agreed =
        MilterClient::negotiate(MilterSocket(child.other_end()), Offer{}, timeouts, limit());
    if (agreed) {
      client.emplace(*std::move(agreed));
    } else {
      fault = agreed.error().message;
    }
  }
  static Clock::time_point limit() { return Clock::now() + 20s; }

  /// The decision's letter as the protocol has it, or what failed.
  std::string said(const Result<Decision>& decision) const {
    if (!decision) {
      return decision.error().message;
    }
    static constexpr const char* words[] = {"continue", "accept",  "reject",
                                            "tempfail", "discard", "shutdown"};
    std::string text = words[static_cast<int>(decision->kind)];
    return decision->reply ? text + " " + std::to_string(decision->reply->code) : text;
  }
  std::string connect() {
    return said(client->client({"mx.example.net", "192.0.2.7", 1025}, macros, limit()));
  }
  std::string helo() { return said(client->helo("helo.example", macros, limit())); }
  std::string mail() { return said(client->mail("a@b", "SIZE=1 BODY=8BITMIME", macros, limit())); }
  std::string rcpt() { return said(client->rcpt("c@d", "", macros, limit())); }
  std::string data() { return said(client->data(macros, limit())); }
  std::string header(std::string_view value = " v") {
    return said(client->header("X", value, limit()));
  }
  std::string end_of_header() { return said(client->end_of_header(macros, limit())); }
  std::string body(std::string_view bytes = "b\r\n") { return said(client->body(bytes, limit())); }
  Result<MessageDecision> end() { return client->end_of_message(macros, limit()); }
  std::string end_fault() {
    const auto message = end();
    return message ? "none" : message.error().message;
  }
  /// What the filter was told after the negotiation.
  Heard heard() {
    client.reset();
    Heard all = child.heard();
    REQUIRE(!all.empty());
    all.erase(all.begin());
    return all;
  }
};

std::string continues(int count) {
  std::string says;
  for (; count > 0; --count) {
    says += packet('c');
  }
  return says;
}

}  // namespace

TEST_CASE("client: a whole session, event by event") {
  Conversation talk(continues(9));
  CHECK(talk.connect() == "continue");
  CHECK(talk.helo() == "continue");
  CHECK(talk.mail() == "continue");
  CHECK(talk.rcpt() == "continue");
  CHECK(talk.data() == "continue");
  CHECK(talk.header() == "continue");
  CHECK(talk.end_of_header() == "continue");
  CHECK(talk.body() == "continue");
  REQUIRE(talk.end());
  talk.client->abort();
  talk.client->quit();
  CHECK(talk.heard() == Heard{"DCj|mx.example.org|",
                              "Cmx.example.net|4\x04\x01"
                              "192.0.2.7|",
                              "DH", "Hhelo.example|", "DMi|4Yk2|", "M<a@b>|SIZE=1|BODY=8BITMIME|",
                              "DRi|4Yk2|", "R<c@d>|", "DTi|4Yk2|", "T", "LX|v|", "DNi|4Yk2|", "N",
                              "Bb\r\n", "DEi|4Yk2|", "E", "A", "Q"});
}

TEST_CASE("client: addresses of each family") {
  for (const auto& [address, wanted] :
       {std::pair{"2001:db8::7", "Cname|6||2001:db8::7|"}, {"", "Cname|U"}}) {
    Conversation talk(continues(1));
    CHECK(talk.said(talk.client->client({"name", address, 0}, talk.macros, talk.limit())) ==
          "continue");
    CHECK(talk.heard().at(1) == wanted);
  }
}

TEST_CASE("client: events that the filter does not want are not sent, their macros are") {
  Conversation talk(
      continues(2),
      agreement(action::all, step::no_connect | step::no_helo | step::no_mail | step::no_rcpt |
                                 step::no_header | step::no_body | step::no_end_of_header));
  CHECK(talk.connect() == "continue");
  CHECK(talk.helo() == "continue");
  CHECK(talk.mail() == "continue");
  CHECK(talk.rcpt() == "continue");
  CHECK(talk.data() == "continue");
  CHECK(talk.header() == "continue");
  CHECK(talk.end_of_header() == "continue");
  CHECK(talk.body() == "continue");
  REQUIRE(talk.end());
  CHECK(talk.heard() == Heard{"DCj|mx.example.org|", "DH", "DMi|4Yk2|", "DRi|4Yk2|", "DTi|4Yk2|",
                              "T", "DNi|4Yk2|", "DEi|4Yk2|", "E"});
}

TEST_CASE("client: an answer that was agreed away is not waited for") {
  Conversation talk(continues(1), agreement(action::all, 0x0ff080));
  CHECK(talk.connect() == "continue");
  CHECK(talk.helo() == "continue");
  CHECK(talk.mail() == "continue");
  CHECK(talk.rcpt() == "continue");
  CHECK(talk.data() == "continue");
  CHECK(talk.header() == "continue");
  CHECK(talk.end_of_header() == "continue");
  CHECK(talk.body(std::string(200'000, 'x')) == "continue");
  REQUIRE(talk.end());
  const Heard heard = talk.heard();
  CHECK(heard.size() == 19);
}

TEST_CASE("client: old versions know neither DATA nor unknown commands") {
  Conversation talk("", agreement(0x3f, nothing_unanswered, 2));
  CHECK(talk.data() == "continue");
  CHECK(talk.said(talk.client->unknown("FOO", talk.limit())) == "continue");
  CHECK(talk.heard() == Heard{});
  Conversation newer(packet('r'), agreement(0x3f, nothing_unanswered, 3));
  CHECK(newer.data() == "continue");
  CHECK(newer.said(newer.client->unknown("FOO bar", newer.limit())) == "reject");
  CHECK(newer.heard().back() == "UFOO bar|");
}

TEST_CASE("client: the space after the colon is sent only where that was agreed on; folds are LF") {
  Conversation without(continues(3));
  without.header("  two");
  without.header("\ttab");
  without.header(" a\r\n b\rc");
  CHECK(without.heard() == Heard{"LX| two|", "LX|\ttab|", "LX|a\n b\rc|"});
  Conversation with(continues(1), agreement(action::all, step::leading_space));
  with.header("  two");
  CHECK(with.heard() == Heard{"LX|  two|"});
}

TEST_CASE("client: a large body goes in pieces, until the filter has seen enough") {
  Conversation talk(continues(4));
  CHECK(talk.body(std::string(200'000, 'x')) == "continue");
  Heard heard = talk.heard();
  REQUIRE(heard.size() == 4);
  CHECK(heard[0].size() == 65'536);
  CHECK(heard[3].size() == 1 + 200'000 - 3 * 65'535);

  Conversation enough(packet('c') + packet('s') + packet('c'));
  CHECK(enough.body(std::string(200'000, 'x')) == "continue");
  CHECK(enough.body("more") == "continue");
  REQUIRE(enough.end());
  heard = enough.heard();
  CHECK(heard.size() == 4);
  CHECK(heard.back() == "E");
}

TEST_CASE("client: skip counts until another kind of event") {
  Conversation talk(packet('s') + continues(2));
  CHECK(talk.header() == "continue");
  CHECK(talk.header() == "continue");
  CHECK(talk.end_of_header() == "continue");
  CHECK(talk.header() == "continue");
  CHECK(talk.heard() == Heard{"LX|v|", "DNi|4Yk2|", "N", "LX|v|"});
}

TEST_CASE("client: whoever accepts hears no more, of the message or of the connection") {
  Conversation message(packet('a') + continues(1));
  CHECK(message.mail() == "accept");
  CHECK(message.rcpt() == "continue");
  CHECK(message.body() == "continue");
  REQUIRE(message.end());
  message.client->abort();
  CHECK(message.mail() == "continue");
  CHECK(message.heard().size() == 5);

  Conversation connection(packet('a'));
  CHECK(connection.helo() == "accept");
  CHECK(connection.mail() == "continue");
  connection.client->abort();
  CHECK(connection.mail() == "continue");
  CHECK(connection.heard() == Heard{"DH", "Hhelo.example|"});
}

TEST_CASE("client: refusals, in the filter's words or without") {
  Conversation talk(packet('r') + packet('t') + packet('d') + packet('y', "554 5.7.1 no\0") +
                    packet('y', "421 4.3.2 bye\0") + packet('4'));
  CHECK(talk.rcpt() == "reject");
  CHECK(talk.rcpt() == "tempfail");
  CHECK(talk.rcpt() == "discard");
  talk.client->abort();
  CHECK(talk.rcpt() == "reject 554");
  CHECK(talk.rcpt() == "tempfail 421");
  CHECK(talk.rcpt() == "shutdown");
}

TEST_CASE("client: edits come before the last answer, pieces of a body as one") {
  Conversation talk(packet('h', "X-A\0a\0") + packet('b', "one ") + indexed('i', 1, "X-B\0b\0") +
                    packet('p') + packet('b', "two") + packet('q', "why\0") +
                    indexed('m', 2, "X-C\0\0") + packet('a'));
  const auto message = talk.end();
  REQUIRE(message);
  CHECK(message->decision.kind == Kind::accept);
  REQUIRE(message->edits.size() == 3);
  CHECK(message->edits[1].name == "X-B");
  CHECK(message->edits[2].op == Modification::Op::delete_header);
  CHECK(message->body == "one two");
  CHECK(message->quarantine == "why");
}

TEST_CASE("client: an empty new body is one") {
  Conversation talk(packet('b') + packet('c'));
  CHECK(talk.end()->body == "");
}

TEST_CASE("client: no edit that was not negotiated, none before the end") {
  Conversation talk(packet('h', "X\0a\0"), agreement(action::change_header));
  CHECK(talk.end_fault() == "it sent the edit 'h' that it did not negotiate");
  Conversation early(packet('h', "X\0a\0"));
  CHECK(early.data() == "it sent the edit 'h' before the end of the message");
  Conversation quarantine(packet('q', "x\0"), agreement(0x1df));
  CHECK(quarantine.end_fault() == "it sent the edit 'q' that it did not negotiate");
}

TEST_CASE("client: what a filter sends is bounded") {
  std::string says;
  const std::string large(900'000, 'x');
  for (int count = 0; count < 20; ++count) {
    append_packet(says, 'h', {"X", std::string_view("\0", 1), large, std::string_view("\0", 1)});
  }
  PairedChild child(agreement());
  auto client =
      MilterClient::negotiate(MilterSocket(child.other_end()), Offer{}, {}, Conversation::limit());
  REQUIRE(client);
  // More than fits between two sockets; the rest is lost when the client has had enough.
  std::thread speaker([&] { child.try_to_say(says); });
  const auto message = client->end_of_message(FixedMacros{}, Conversation::limit());
  REQUIRE(!message);
  client = fail("closed");
  speaker.join();
  CHECK(message.error().message.starts_with("it sent more than 18 edits"));
}

TEST_CASE("client: a filter that is silent, hangs up or talks nonsense") {
  constexpr Timeouts quick{.connect = 50ms, .command = 50ms, .content = 50ms};
  Conversation silent("", agreement(), quick);
  CHECK(silent.mail().starts_with("no answer for "));
  Conversation gone("");
  gone.child.hang_up();
  CHECK(gone.mail() == "it closed the connection instead of an answer");
  Conversation cut(packet('y', "550 5.7.1 no\0").substr(0, 9));
  cut.child.hang_up();
  CHECK(cut.mail() == "it closed the connection within a packet");
  Conversation unknown(packet('Z'));
  CHECK(unknown.mail() == "it sent the unknown packet 'Z' of 0 bytes");
  Conversation failing(packet('f'));
  CHECK(failing.mail() == "it asks for the connection to count as failed");
  Conversation huge(std::string("\xff\xff\xff\xff", 4));
  CHECK(huge.end_fault() == "it sent a packet of 4294967295 bytes, the limit is 1048576");
}

TEST_CASE("client: progress begins the time anew") {
  constexpr Timeouts second{.connect = 1s, .command = 1s, .content = 1s};
  Conversation talk("", agreement(), second);
  std::thread speaker([&] {
    for (int count = 0; count < 4; ++count) {
      std::this_thread::sleep_for(300ms);
      talk.child.say(packet('p'));
    }
    talk.child.say(packet('c'));
  });
  CHECK(talk.end_fault() == "none");
  speaker.join();
}

TEST_CASE("client: progress without end comes to one at the limit") {
  Conversation talk("");
  std::atomic<bool> given_up = false;
  std::thread speaker([&] {
    while (!given_up) {
      talk.child.say(packet('p'));
      std::this_thread::sleep_for(10ms);
    }
  });
  CHECK(!talk.client->end_of_message(talk.macros, Clock::now() + 100ms));
  given_up = true;
  speaker.join();
}

TEST_CASE("client: who answers the negotiation with anything else is no milter") {
  Conversation smtp("", "220 mx.example.org ESMTP\r\n");
  CHECK(smtp.fault ==
        "it is no milter but an SMTP or FTP server, it says \"220 mx.example.org ESMTP\"");
  Conversation other("", packet('c'));
  CHECK(other.fault == "it answered the negotiation with 'c'");
  Conversation old("", agreement(0x3f, 0, 1));
  CHECK(old.fault == "it speaks version 1 of the protocol, offered were 2 to 6");
}

TEST_CASE("client: whatever a filter says, each event ends") {
  const std::string letters = "caprtdsp4fybhim+2-eqOZ";
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    std::string says;
    for (int count = 0; count < 30; ++count) {
      // Mostly answers that let the session go on, so that every state is reached.
      const bool goes_on = random() % 3 != 0;
      std::string data(goes_on ? 0 : random() % 20, '\0');
      std::ranges::generate(data,
                            [&] { return static_cast<char>(random() % 4 == 0 ? 0 : random()); });
      append_packet(says, goes_on ? 'c' : letters[random() % letters.size()], {data});
    }
    if (seed % 2 == 0) {
      says[random() % says.size()] = static_cast<char>(random());
    }
    Conversation talk(says,
                      agreement(action::all, static_cast<std::uint32_t>(random()) & step::all));
    talk.child.hang_up();
    const std::string answers = talk.connect() + talk.helo() + talk.mail() + talk.rcpt() +
                                talk.data() + talk.header() + talk.end_of_header() + talk.body() +
                                talk.end_fault();
    CHECK(answers.find_first_of("\r\n") == std::string::npos);
  }
}

TEST_CASE("client: a connection can be used for another session") {
  Conversation talk(packet('a') + packet('c'));
  CHECK(talk.connect() == "accept");
  talk.client->quit_new_connection();
  CHECK(talk.connect() == "continue");
  CHECK(talk.heard().at(2) == "K");
}
