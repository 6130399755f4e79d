#include "plugins/clamav/virus_headers.hpp"

#include <doctest/doctest.h>

#include "fake_transaction.hpp"

namespace milterd::clamav {
namespace {

using test::FakeTransaction;
using Lines = std::vector<std::string>;

const std::string forged =
    "X-Virus-Status: Clean\r\n"
    "From: <a@example.org>\r\n"
    "x-virus-scanned: by me\r\n"
    "X-VIRUS-STATUS : Clean\r\n"
    "X-Virus-Status-Not: mine\r\n"
    "X-Virus-Scanned: twice\r\n"
    "\r\nbody\r\n";

const ScanResult clean = {ScanResult::Status::clean};
const ScanResult infected = {ScanResult::Status::infected, "Eicar"};
const ScanResult unscanned = {ScanResult::Status::unscanned, "max_files exceeded"};

TEST_CASE("the status tells the three results apart") {
  CHECK(virus_status(clean) == "Clean");
  CHECK(virus_status(infected) == "Infected (Eicar)");
  CHECK(virus_status(unscanned) == "Unscanned (max_files exceeded)");
}

TEST_CASE("replace: no forged field survives, whatever the result") {
  for (const ScanResult& result : {clean, infected, unscanned}) {
    FakeTransaction transaction(forged);
    CHECK(write_virus_headers(transaction, AddHeader::replace, "milterd 1 at mx", result));
    CHECK(transaction.header_lines() == Lines{"From: <a@example.org>", "X-Virus-Status-Not: mine",
                                              "X-Virus-Scanned: milterd 1 at mx",
                                              "X-Virus-Status: " + virus_status(result)});
  }
}

TEST_CASE("add: both stand on top, Scanned first, and the others stay") {
  FakeTransaction transaction("X-Virus-Status: theirs\r\nFrom: <a@example.org>\r\n\r\n");
  CHECK(write_virus_headers(transaction, AddHeader::add, "milterd 1 at mx", clean));
  CHECK(transaction.header_lines() == Lines{"X-Virus-Scanned: milterd 1 at mx",
                                            "X-Virus-Status: Clean", "X-Virus-Status: theirs",
                                            "From: <a@example.org>"});
}

TEST_CASE("no: the header stays as it is") {
  FakeTransaction transaction(forged);
  const Lines before = transaction.header_lines();
  CHECK(write_virus_headers(transaction, AddHeader::no, "milterd 1 at mx", infected));
  CHECK(transaction.header_lines() == before);
}

TEST_CASE("an edit that is refused is an error") {
  const std::pair<const char*, AddHeader> cases[] = {
      {"delete", AddHeader::replace}, {"add", AddHeader::replace}, {"insert", AddHeader::add}};
  for (const auto& [edit, how] : cases) {
    CAPTURE(edit);
    FakeTransaction transaction(forged);
    transaction.refused_edit = edit;
    CHECK_FALSE(write_virus_headers(transaction, how, "milterd 1 at mx", clean));
  }
}

}  // namespace
}  // namespace milterd::clamav
