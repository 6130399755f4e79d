#include "plugins/clamav/policy/virus_headers.hpp"

#include <doctest/doctest.h>

#include "test/support/received_transaction.hpp"

namespace milterd::clamav {
namespace {

using test::ReceivedTransaction;
using Lines = std::vector<std::string>;

const std::string forged =
    "X-Virus-Status: Clean\r\n"
    "From: <a@example.org>\r\n"
    "x-virus-scanned: by me\r\n"
    "X-VIRUS-STATUS : Clean\r\n"
    "X-Virus-Status-Not: mine\r\n"
    "X-Virus-Scanned: twice\r\n"
    "\r\nbody\r\n";

const ScanResult clean = ScanResult::clean();
const ScanResult infected = {ScanResult::Status::infected, "Eicar"};
const ScanResult unscanned = {ScanResult::Status::unscanned, "max_files exceeded"};

TEST_CASE("the status tells the three results apart") {
  CHECK(virus_status(clean) == "Clean");
  CHECK(virus_status(infected) == "Infected (Eicar)");
  CHECK(virus_status(unscanned) == "Unscanned (max_files exceeded)");
}

TEST_CASE("replace: no forged field survives, whatever the result") {
  for (const ScanResult& result : {clean, infected, unscanned}) {
    ReceivedTransaction received;
    CHECK(write_virus_headers(received.receive(forged), AddHeader::replace, "milterd 1 at mx",
                              result));
    CHECK(received.header_lines() == Lines{"From: <a@example.org>", "X-Virus-Status-Not: mine",
                                           "X-Virus-Scanned: milterd 1 at mx",
                                           "X-Virus-Status: " + virus_status(result)});
  }
}

TEST_CASE("add: both stand on top, Scanned first, and the others stay") {
  ReceivedTransaction received;
  TransactionState& transaction =
      received.receive("X-Virus-Status: theirs\r\nFrom: <a@example.org>\r\n\r\n");
  CHECK(write_virus_headers(transaction, AddHeader::add, "milterd 1 at mx", clean));
  CHECK(received.header_lines() == Lines{"X-Virus-Scanned: milterd 1 at mx",
                                         "X-Virus-Status: Clean", "X-Virus-Status: theirs",
                                         "From: <a@example.org>"});
}

TEST_CASE("no: the header stays as it is") {
  ReceivedTransaction received;
  CHECK(write_virus_headers(received.receive(forged), AddHeader::no, "milterd 1 at mx", infected));
  CHECK(received.message() == forged);
}

TEST_CASE("an edit that is refused is an error") {
  struct Case {
    const char* edit;
    AddHeader how;
    Granted granted;
  };
  for (const Case& one : {
           Case{"delete", AddHeader::replace, {.change_header = false}},
           Case{"add", AddHeader::replace, {.add_header = false}},
           Case{"insert", AddHeader::add, {.add_header = false}},
       }) {
    ReceivedTransaction received;
    received.granted = one.granted;
    const Result<> written =
        write_virus_headers(received.receive(forged), one.how, "milterd 1 at mx", clean);
    REQUIRE_FALSE(written);
    CHECK(written.error().message ==
          std::string("cannot ") + one.edit +
              " a header field: the MTA did not allow it; does the stage declare it in needs()?");
  }
}

}  // namespace
}  // namespace milterd::clamav
