#include "plugins/header_checks/envelope_edit.hpp"

#include <doctest/doctest.h>

#include "test/support/received_transaction.hpp"

using namespace milterd;
using namespace milterd::header_checks;

namespace {

std::string recipients(const Transaction& transaction) {
  std::string text;
  for (const Address& address : transaction.envelope().recipients) {
    text += (text.empty() ? "" : " ") + address.path;
  }
  return text;
}

}  // namespace

TEST_CASE("a local part that needs quotes gets them") {
  CHECK(envelope_path("joe@example.org") == "joe@example.org");
  CHECK(envelope_path("joe.x+y=z@example.org") == "joe.x+y=z@example.org");
  CHECK(envelope_path("j\xc3\xb6@example.org") == "j\xc3\xb6@example.org");
  CHECK(envelope_path("a b@example.org") == "\"a b\"@example.org");
  CHECK(envelope_path("a@b@example.org") == "\"a@b\"@example.org");
  CHECK(envelope_path("a\"\\b@example.org") == "\"a\\\"\\\\b\"@example.org");
  CHECK(envelope_path("a\nb@example.org") == "\"a b\"@example.org");
  CHECK(envelope_path(".a@example.org") == "\".a\"@example.org");
  CHECK(envelope_path("a..b@example.org") == "\"a..b\"@example.org");
  CHECK(envelope_path("@example.org") == "\"\"@example.org");
}

TEST_CASE("a redirect leaves one recipient, however many there were") {
  test::ReceivedTransaction received;
  TransactionState& transaction = received.receive("Subject: s\r\n\r\n");
  REQUIRE(transaction.add_recipient({"jane@example.org", ""}));
  REQUIRE(transaction.add_recipient({"r@example.org", ""}));
  CHECK_FALSE(is_redirected_to(transaction, "r@example.org"));
  REQUIRE(redirect_to(transaction, "r@example.org"));
  CHECK(recipients(transaction) == "r@example.org");
  CHECK(is_redirected_to(transaction, "r@example.org"));
  REQUIRE(redirect_to(transaction, "other@example.org"));
  CHECK(recipients(transaction) == "other@example.org");
}

TEST_CASE("a copy goes to a recipient once") {
  test::ReceivedTransaction received;
  TransactionState& transaction = received.receive("Subject: s\r\n\r\n");
  REQUIRE(add_bcc(transaction, "copy@example.org"));
  REQUIRE(add_bcc(transaction, "copy@example.org"));
  CHECK(recipients(transaction) == "jane@example.org copy@example.org");
}

TEST_CASE("an edit that the MTA does not grant is an error") {
  test::ReceivedTransaction received;
  received.granted.add_recipient = false;
  const Result<> added = add_bcc(received.receive("Subject: s\r\n\r\n"), "copy@example.org");
  REQUIRE_FALSE(added.has_value());
  CHECK(added.error().message ==
        "cannot add a recipient: the MTA did not allow it; does the stage declare it in needs()?");
}
