#include "plugins/clamav/report/scan_log.hpp"

#include <doctest/doctest.h>

#include "plugins/clamav/report/message_facts.hpp"
#include "test/support/received_transaction.hpp"

namespace milterd::clamav {
namespace {

using Lines = std::vector<std::string>;

const MessageFacts facts{.queue_id = "4Yk2",
                         .sender = "a@example.net",
                         .recipients = {"b@example.org", "c@example.org"},
                         .subject = "hello",
                         .message_id = "<1@example.net>",
                         .date = "Tue, 1 Dec 2026 10:00:00 +0000"};
const ScanResult infected = ScanResult::infected("Eicar");

TEST_CASE("lines read as clamav-milter's do") {
  ScanLogSettings settings{LogDetail::full, LogDetail::full, false};
  CHECK(scan_log_lines(settings, infected, facts) ==
        Lines{"Message 4Yk2 from <a@example.net> to <c@example.org> with subject 'hello' "
              "message-id '<1@example.net>' date 'Tue, 1 Dec 2026 10:00:00 +0000' infected by "
              "Eicar"});
  CHECK(scan_log_lines(settings, ScanResult::clean(), facts) ==
        Lines{"Clean message 4Yk2 from <a@example.net> to <c@example.org> with subject 'hello' "
              "message-id '<1@example.net>' date 'Tue, 1 Dec 2026 10:00:00 +0000'"});
  settings = {LogDetail::basic, LogDetail::basic, false};
  CHECK(scan_log_lines(settings, infected, facts) ==
        Lines{"Message from <a@example.net> to <c@example.org> infected by Eicar"});
  CHECK(scan_log_lines(settings, ScanResult::clean(), facts) ==
        Lines{"Clean message from <a@example.net> to <c@example.org>"});
}

TEST_CASE("there is a line for each recipient, and each result has its own setting") {
  const ScanLogSettings settings{LogDetail::basic, LogDetail::off, true};
  CHECK(scan_log_lines(settings, infected, facts) ==
        Lines{"Message from <a@example.net> to <b@example.org> infected by Eicar",
              "Message from <a@example.net> to <c@example.org> infected by Eicar"});
  CHECK(scan_log_lines(settings, ScanResult::clean(), facts).empty());
  CHECK(scan_log_lines({}, infected, facts).empty());
}

TEST_CASE("an unscanned message is neither clean nor infected") {
  const ScanLogSettings settings{LogDetail::full, LogDetail::full, true};
  CHECK(scan_log_lines(settings, ScanResult::unscanned(Unscanned::size, "why"), facts).empty());
}

TEST_CASE("what a message lacks is UNKNOWN") {
  const ScanLogSettings settings{LogDetail::full, LogDetail::off, true};
  CHECK(scan_log_lines(settings, infected, {}) ==
        Lines{"Message UNKNOWN from <> to <> with subject 'UNKNOWN' message-id 'UNKNOWN' date "
              "'UNKNOWN' infected by Eicar"});
}

TEST_CASE("facts come from the message, one line each, and bounded") {
  test::ReceivedTransaction received;
  const MessageFacts read =
      facts_of(received.receive("SUBJECT: a folded\r\n\tsubject\x01\r\nMessage-Id:<1@x>\r\nDate: " +
                                std::string(3000, 'd') + "\r\nSubject: second\r\n\r\nbody\r\n"));
  CHECK(read.queue_id == "4Yk2");
  CHECK(read.sender == "joe@example.net");
  CHECK(read.recipients == Lines{"jane@example.org"});
  CHECK(read.subject == "a folded subject?");
  CHECK(read.message_id == "<1@x>");
  CHECK(read.date.size() == 1000);
}

}  // namespace
}  // namespace milterd::clamav
