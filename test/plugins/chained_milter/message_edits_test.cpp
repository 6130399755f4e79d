#include "plugins/chained_milter/message_edits.hpp"

#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

#include "test/support/received_transaction.hpp"

using namespace milterd;
using namespace milterd::chained_milter;
using namespace std::string_literals;

namespace {

using Op = Modification::Op;
using Lines = std::vector<std::string>;

constexpr std::string_view text =
    "Received: by a\r\nX-D: 1\r\nSubject: s\r\nX-D: 2\r\n\r\nbody\r\n";

struct Edited {
  test::ReceivedTransaction received;
  Result<> made;

  explicit Edited(std::vector<milter::Edit> edits, bool leading_space = false,
                  std::optional<std::string> body = {}) {
    TransactionState& transaction = received.receive(text);
    made = make_edits(transaction, {{}, std::move(edits), std::move(body), {}}, leading_space);
  }
};

std::string fault(milter::Edit edit) {
  const auto checked = check_edits({{}, {std::move(edit)}, {}, {}});
  return checked ? "none" : checked.error().message;
}

}  // namespace

TEST_CASE("edits: change counts fields of a name from 1, 0 is 1, and writes the name anew") {
  const Edited edited({{Op::change_header, "x-d", "new", 0},
                       {Op::change_header, "X-D", "newer", 2},
                       {Op::change_header, "X-D", "third", 3}});
  REQUIRE(edited.made);
  CHECK(edited.received.header_lines() ==
        Lines{"Received: by a", "x-d: new", "Subject: s", "X-D: newer", "X-D: third"});
}

TEST_CASE("edits: insert counts everything, the MTA's Received included") {
  const Edited edited({{Op::insert_header, "A", "a", 1},
                       {Op::insert_header, "B", "b", 0},
                       {Op::insert_header, "C", "c", 3},
                       {Op::insert_header, "D", "d", 0xffffffff}});
  REQUIRE(edited.made);
  CHECK(edited.received.header_lines() ==
        Lines{"B: b", "A: a", "C: c", "Received: by a", "X-D: 1", "Subject: s", "X-D: 2", "D: d"});
}

TEST_CASE("edits: deleting moves the rest; what is not there is let be") {
  Edited edited({{Op::delete_header, "X-D", "", 1},
                 {Op::delete_header, "X-D", "", 2},
                 {Op::delete_header, "X-D", "", 1},
                 {Op::delete_header, "X-None", "", 1}});
  REQUIRE(edited.made);
  CHECK(edited.received.header_lines() == Lines{"Received: by a", "Subject: s"});
  CHECK(edited.received.state().modifications().size() == 2);
}

TEST_CASE("edits: with the leading space agreed on, values stand as they came") {
  const Edited exact({{Op::add_header, "X-A", "a", 0}, {Op::add_header, "X-B", "  b", 0}}, true);
  REQUIRE(exact.made);
  CHECK(exact.received.header_lines().at(4) == "X-A:a");
  CHECK(exact.received.header_lines().at(5) == "X-B:  b");
  const Edited spaced({{Op::add_header, "X-A", "a", 0}, {Op::add_header, "X-B", " b", 0}});
  CHECK(spaced.received.header_lines().at(4) == "X-A: a");
  CHECK(spaced.received.header_lines().at(5) == "X-B:  b");
}

TEST_CASE("edits: folds become CRLF, no line can begin a field of its own") {
  CHECK(folded_value("a\n b\r\n\tc") == "a\r\n b\r\n\tc");
  CHECK(folded_value("a\nBcc: x") == "a\r\n\tBcc: x");
  CHECK(folded_value("a\r\nb\rc\n") == "a\r\n\tb c\r\n\t");
  CHECK(folded_value("\n\n") == "\r\n\t\r\n\t");
}

TEST_CASE("edits: envelope") {
  Edited edited({{Op::add_recipient, "<new@example.org>", "NOTIFY=NEVER", 0},
                 {Op::delete_recipient, "jane@example.org", "", 0},
                 {Op::delete_recipient, "<nobody@example.org>", "", 0},
                 {Op::change_sender, "<>", "RET=HDRS", 0}});
  REQUIRE(edited.made);
  const Envelope& envelope = edited.received.state().envelope();
  REQUIRE(envelope.recipients.size() == 1);
  CHECK(envelope.recipients[0].path == "new@example.org");
  CHECK(envelope.recipients[0].esmtp_args == "NOTIFY=NEVER");
  CHECK(envelope.sender.path.empty());
  CHECK(envelope.sender.esmtp_args == "RET=HDRS");
}

TEST_CASE("edits: the new body has whole CRLF lines") {
  CHECK(crlf_lines("a\nb\r\nc") == "a\r\nb\r\nc\r\n");
  CHECK(crlf_lines("\n") == "\r\n");
  CHECK(crlf_lines("a\r\n") == "a\r\n");
  CHECK(crlf_lines("open") == "open\r\n");
  CHECK(crlf_lines("").empty());
  Edited edited({{Op::add_header, "X-A", "a", 0}}, false, "new\n");
  REQUIRE(edited.made);
  CHECK(edited.received.state().body() == "new\r\n");
}

TEST_CASE("edits: what cannot stand in a message is found before any edit is made") {
  CHECK(fault({Op::add_header, "", "a", 0}) == "it edits the header field \"\", which is no name");
  CHECK(fault({Op::insert_header, "X A", "a", 0}) ==
        "it edits the header field \"X A\", which is no name");
  CHECK(fault({Op::add_header, "X\xff", "a", 0}) ==
        "it edits the header field \"X?\", which is no name");
  CHECK(fault({Op::add_header, "X-A", std::string(60'000, 'x'), 0}) ==
        "it writes the header field \"X-A\" with 60000 bytes, which is too long");
  CHECK(fault({Op::add_recipient, "<>", "", 0}) == "it edits the address \"<>\", which is none");
  CHECK(fault({Op::add_recipient, "a\r\nb", "", 0}) ==
        "it edits the address \"a??b\", which is none");
  CHECK(fault({Op::change_sender, "<>", "X\nY", 0}) ==
        "it edits the address \"<>\", which is none");
  CHECK(fault({Op::change_sender, "<>", "", 0}) == "none");
}

TEST_CASE("edits: where the MTA does not allow one, that is an error") {
  test::ReceivedTransaction received;
  received.granted.body = false;
  TransactionState& transaction = received.receive(text);
  CHECK(!make_edits(transaction, {{}, {}, "new", {}}, true));
}
