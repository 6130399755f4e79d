#include "milterd/message/transaction_state.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

#include "test/support/captured_log.hpp"

using milterd::Excess;
using milterd::Modification;
using milterd::TransactionState;

namespace {

/// A transaction with the received message below it, and everything that it refers to.
struct Fixture {
  milterd::Session session{"s1", "client.example", "192.0.2.7", "client"};
  milterd::test::FixedMacros macros;
  milterd::test::CapturedLog log;
  milterd::Limits limits;
  milterd::Granted granted;
  bool wants_image = true;
  std::unique_ptr<TransactionState> transaction;

  TransactionState& receive(const std::vector<std::pair<std::string, std::string>>& fields,
                            const std::string& body) {
    transaction =
        std::make_unique<TransactionState>(TransactionState::Settings{.session = session,
                                                                      .macros = macros,
                                                                      .limits = limits,
                                                                      .authserv_id = "mx",
                                                                      .granted = granted,
                                                                      .wants_image = wants_image,
                                                                      .fixed_time = {}},
                                           milterd::Address{"sender@example.org", ""});
    transaction->add_envelope_recipient({"a@example.net", ""});
    transaction->add_envelope_recipient({"b@example.net", ""});
    for (const auto& [name, value] : fields) {
      transaction->receive_header(name, value);
    }
    transaction->header_complete();
    transaction->receive_body(body);
    transaction->complete();
    transaction->begin_turn(0, std::chrono::steady_clock::time_point::max(), log);
    return *transaction;
  }
};

std::string header_text(const TransactionState& transaction) {
  std::string all;
  for (const auto& field : transaction.headers()) {
    all.append(field.text()).append("|");
  }
  return all;
}

std::string ledger_text(const TransactionState& transaction) {
  std::string all;
  for (const Modification& edit : transaction.modifications()) {
    all += std::string(to_string(edit.op)) + " " + std::to_string(edit.index) + " " + edit.name +
           ":" + edit.value + "|";
  }
  return all;
}

}  // namespace

TEST_CASE("transaction: the image is our line, the header as received, and the body") {
  Fixture fixture;
  auto& transaction = fixture.receive({{"A", " 1"}, {"B", " 2\n 3"}}, "body\r\n");
  CHECK(transaction.image() == "Received: by milterd\r\nA: 1\r\nB: 2\r\n 3\r\n\r\nbody\r\n");
  CHECK(transaction.body() == "body\r\n");
  CHECK(transaction.body().data() == transaction.image().data() + transaction.image().size() - 6);
  CHECK(transaction.received_size() == 24);
}

TEST_CASE("transaction: without a need for the image only the body is kept") {
  Fixture fixture;
  fixture.wants_image = false;
  auto& transaction = fixture.receive({{"A", " 1"}}, "body\r\n");
  CHECK(transaction.body() == "body\r\n");
  CHECK(transaction.image() == "body\r\n");
}

TEST_CASE("transaction: a large message is the same from its file") {
  Fixture fixture;
  fixture.limits.message_memory = 64;
  const std::string body(5000, 'b');
  auto& transaction = fixture.receive({{"A", " 1"}}, body);
  CHECK(transaction.body() == body);
  CHECK(transaction.image() == "Received: by milterd\r\nA: 1\r\n\r\n" + body);
}

TEST_CASE("transaction: each limit is noticed and nothing more is kept") {
  SUBCASE("fields") {
    Fixture fixture;
    fixture.limits.header_count = 2;
    CHECK(fixture.receive({{"A", " 1"}, {"B", " 2"}}, "").excess() == Excess::none);
    auto& transaction = fixture.receive({{"A", " 1"}, {"B", " 2"}, {"C", " 3"}}, "");
    CHECK(transaction.excess() == Excess::header);
    CHECK(transaction.headers().size() == 2);
  }
  SUBCASE("header bytes") {
    Fixture fixture;
    fixture.limits.header_size = 12;
    CHECK(fixture.receive({{"A", " 1"}, {"B", " 2"}}, "").excess() == Excess::none);
    CHECK(fixture.receive({{"A", " 1"}, {"B", " 23"}}, "").excess() == Excess::header);
  }
  SUBCASE("message bytes") {
    Fixture fixture;
    fixture.limits.message_size = 20;
    CHECK(fixture.receive({{"A", " 1"}}, "012345678901").excess() == Excess::none);
    CHECK(fixture.receive({{"A", " 1"}}, "0123456789012").excess() == Excess::message);
  }
  SUBCASE("recipients") {
    Fixture fixture;
    fixture.limits.recipients = 1;
    auto& transaction = fixture.receive({}, "");
    CHECK(transaction.excess() == Excess::recipients);
    CHECK(transaction.envelope().recipients.size() == 1);
  }
  SUBCASE("storage") {
    Fixture fixture;
    fixture.limits.message_memory = 4;
    fixture.limits.spool_directory = "/nonexistent";
    auto& transaction = fixture.receive({}, "");
    CHECK(transaction.excess() == Excess::storage);
    CHECK(transaction.excess_reason().find("/nonexistent") != std::string::npos);
  }
}

TEST_CASE("transaction: edits act at once and stand in the ledger as the MTA counts") {
  Fixture fixture;
  auto& transaction = fixture.receive({{"A", " 1"}, {"X", " old"}, {"X", " older"}}, "body\r\n");
  REQUIRE(transaction.delete_header(2));
  REQUIRE(transaction.change_header(1, "new"));
  REQUIRE(transaction.add_header("Z", "z"));
  REQUIRE(transaction.insert_header(1, "T", "t"));
  REQUIRE(transaction.insert_header(0, "Top", "top"));
  REQUIRE(transaction.replace_body("other\r\n"));
  REQUIRE(transaction.change_sender({"new@example.org", "RET=HDRS"}));
  REQUIRE(transaction.add_recipient({"c@example.net", ""}));
  REQUIRE(transaction.delete_recipient("a@example.net"));
  REQUIRE(transaction.quarantine("why\r\nnot"));
  CHECK(header_text(transaction) == "Top: top|T: t|A: 1|X: new|Z: z|");
  CHECK(transaction.body() == "other\r\n");
  CHECK(transaction.image() ==
        "Received: by milterd\r\nA: 1\r\nX: old\r\nX: older\r\n\r\nother\r\n");
  CHECK(transaction.envelope().sender.path == "new@example.org");
  CHECK(transaction.envelope().recipients.size() == 2);
  CHECK(ledger_text(transaction) ==
        "delete_header 2 X:|change_header 1 X: new|add_header 0 Z: z|insert_header 1 T: t|"
        "insert_header 0 Top: top|replace_body 0 :|change_sender 0 new@example.org:RET=HDRS|"
        "add_recipient 0 c@example.net:|delete_recipient 0 a@example.net:|quarantine 0 :why  not|");
}

TEST_CASE("transaction: a turn taken back leaves nothing behind, and keeps the turns before it") {
  Fixture fixture;
  auto& transaction = fixture.receive({{"A", " 1"}}, "body\r\n");
  REQUIRE(transaction.add_header("Kept", "k"));
  REQUIRE(transaction.replace_body("kept\r\n"));
  transaction.report({"dkim", "pass", "", "", {}});
  const std::string header = header_text(transaction);
  const std::string ledger = ledger_text(transaction);
  transaction.begin_turn(1, std::chrono::steady_clock::time_point::max(), fixture.log);
  REQUIRE(transaction.delete_header(0));
  REQUIRE(transaction.insert_header(0, "T", "t"));
  REQUIRE(transaction.replace_body("other\r\n"));
  REQUIRE(transaction.change_sender({"x@example.org", ""}));
  REQUIRE(transaction.delete_recipient("b@example.net"));
  REQUIRE(transaction.quarantine("q"));
  transaction.report({"spf", "fail", "", "", {}});
  transaction.note("k", "v");
  transaction.roll_back();
  CHECK(header_text(transaction) == header);
  CHECK(ledger_text(transaction) == ledger);
  CHECK(transaction.body() == "kept\r\n");
  CHECK(transaction.image().ends_with("\r\nkept\r\n"));
  CHECK(transaction.envelope().sender.path == "sender@example.org");
  CHECK(transaction.envelope().recipients.size() == 2);
  CHECK(transaction.auth_results().size() == 1);
  CHECK(transaction.notes().empty());
}

TEST_CASE("transaction: edits fail before the message is complete and where they are not granted") {
  Fixture fixture;
  fixture.granted = {.add_header = false,
                     .change_header = false,
                     .body = false,
                     .sender = false,
                     .add_recipient = false,
                     .delete_recipient = false,
                     .quarantine = false};
  auto& transaction = fixture.receive({{"A", " 1"}}, "body\r\n");
  CHECK(
      transaction.add_header("A", "b").error().message ==
      "cannot add a header field: the MTA did not allow it; does the stage declare it in needs()?");
  CHECK_FALSE(transaction.insert_header(0, "A", "b"));
  CHECK_FALSE(transaction.change_header(0, "b"));
  CHECK_FALSE(transaction.delete_header(0));
  CHECK_FALSE(transaction.replace_body("b"));
  CHECK_FALSE(transaction.change_sender({"b", ""}));
  CHECK_FALSE(transaction.add_recipient({"b", ""}));
  CHECK_FALSE(transaction.delete_recipient("a@example.net"));
  CHECK_FALSE(transaction.quarantine("b"));
  CHECK(transaction.modifications().empty());

  TransactionState early({.session = fixture.session,
                          .macros = fixture.macros,
                          .limits = fixture.limits,
                          .authserv_id = "mx",
                          .granted = {},
                          .wants_image = true,
                          .fixed_time = {}},
                         {});
  CHECK(early.quarantine("q").error().message ==
        "cannot quarantine before the message is complete");
}

TEST_CASE("transaction: exact values are asked for anew in each turn") {
  Fixture fixture;
  TransactionState& transaction = fixture.receive({{"A", " a"}}, "");
  transaction.write_values_exactly();
  REQUIRE(transaction.add_header("B", "b"));
  transaction.begin_turn(1, {}, fixture.log);
  REQUIRE(transaction.add_header("C", "c"));
  CHECK(transaction.headers()[1].text() == "B:b");
  CHECK(transaction.headers()[2].text() == "C: c");
}

TEST_CASE("transaction: addresses with line ends are refused") {
  Fixture fixture;
  auto& transaction = fixture.receive({}, "");
  CHECK_FALSE(transaction.change_sender({"a\r\nRCPT TO:<x>", ""}));
  CHECK_FALSE(transaction.add_recipient({"a", "NOTIFY=NEVER\n"}));
  CHECK_FALSE(transaction.add_recipient({"", ""}));
  CHECK(transaction.delete_recipient("nobody").error().message ==
        "there is no recipient <nobody> to delete");
}

namespace {

/// The MTA's side, as Postfix 3.7 does it: its Received on top, inserts count all fields, change
/// and delete pass over the first field and count the rest by name.
class PostfixHeader {
 public:
  explicit PostfixHeader(const TransactionState& received) {
    fields_.emplace_back("Received", " by the MTA");
    for (const auto& field : received.headers()) {
      fields_.emplace_back(field.name(), field.value());
    }
  }
  void replay(const Modification& edit) {
    using Op = Modification::Op;
    if (edit.op == Op::add_header) {
      fields_.emplace_back(edit.name, edit.value);
    } else if (edit.op == Op::insert_header) {
      const auto at = std::min(edit.index, fields_.size());
      fields_.emplace(fields_.begin() + static_cast<std::ptrdiff_t>(at), edit.name, edit.value);
    } else {
      std::size_t count = 0;
      for (std::size_t at = 0; at < fields_.size(); ++at) {
        const bool own = fields_[at].second == " by the MTA";
        if (!own && fields_[at].first == edit.name && ++count == edit.index) {
          if (edit.op == Op::change_header) {
            fields_[at].second = edit.value;
          } else {
            fields_.erase(fields_.begin() + static_cast<std::ptrdiff_t>(at));
          }
          return;
        }
      }
      FAIL("the MTA does not find " << edit.name << " " << edit.index);
    }
  }
  std::string text() const {
    std::string all;
    for (const auto& [name, value] : fields_) {
      all += value == " by the MTA" ? "" : name + ":" + value + "|";
    }
    return all;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace

TEST_CASE("transaction: the ledger applied to the received header gives the working copy") {
  std::mt19937 random(20261122);
  const auto pick = [&](std::size_t below) { return random() % std::max<std::size_t>(below, 1); };
  const char* names[] = {"A", "B", "Received", "X-Virus-Status"};
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    Fixture fixture;
    std::vector<std::pair<std::string, std::string>> fields;
    for (std::size_t count = pick(8); count > 0; --count) {
      fields.emplace_back(names[pick(4)], " " + std::to_string(random()));
    }
    auto& transaction = fixture.receive(fields, "body\r\n");
    PostfixHeader postfix(transaction);
    for (std::size_t edits = pick(15); edits > 0; --edits) {
      const std::string value = std::to_string(random());
      const std::size_t size = transaction.headers().size();
      // Some of these fail by design; then nothing may be recorded.
      switch (pick(4)) {
        case 0: (void)transaction.add_header(names[pick(4)], value); break;
        case 1: (void)transaction.insert_header(pick(size + 3), names[pick(4)], value); break;
        case 2: (void)transaction.change_header(pick(size + 1), value); break;
        default: (void)transaction.delete_header(pick(size + 1)); break;
      }
    }
    for (const Modification& edit : transaction.modifications()) {
      postfix.replay(edit);
    }
    CHECK(postfix.text() == header_text(transaction));
  }
}
