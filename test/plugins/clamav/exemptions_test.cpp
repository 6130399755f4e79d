#include "plugins/clamav/exemptions/exemptions.hpp"

#include <doctest/doctest.h>

#include "sample_mail.hpp"
#include "signature_directory.hpp"
#include "test/support/received_transaction.hpp"
#include "test/support/stage_table.hpp"

namespace milterd::clamav {
namespace {

using test::ReceivedTransaction;
using test::SignatureDirectory;
using test::StageTable;
using Errors = std::vector<std::string>;

Exemptions read(const std::string& keys) {
  StageTable table(keys);
  Exemptions exemptions = Exemptions::read(table.section());
  CHECK(table.errors() == Errors{});
  return exemptions;
}

std::string reason(const Exemptions& exemptions, ReceivedTransaction& received) {
  return exemptions.reason_for(received.receive(test::text_mail("hello"))).value_or("scanned");
}

std::string reason_for_client(const Exemptions& exemptions, const std::string& name,
                              const std::string& address) {
  ReceivedTransaction received(address);
  received.session.client_name = name;
  return reason(exemptions, received);
}

std::string reason_for_login(const Exemptions& exemptions, const std::string& login) {
  ReceivedTransaction received;
  received.macros.values["{auth_authen}"] = login;
  return reason(exemptions, received);
}

Envelope envelope(const std::string& sender, std::initializer_list<const char*> recipients) {
  Envelope result{{sender, ""}, {}};
  for (const char* recipient : recipients) {
    result.recipients.push_back({recipient, ""});
  }
  return result;
}

AllowList parse(std::string_view text) {
  AllowList::Faults faults;
  AllowList list = AllowList::parse(text, "list", faults);
  CHECK(faults == AllowList::Faults{});
  return list;
}

TEST_CASE("by default everything is scanned") {
  CHECK(reason_for_client(read(""), "localhost", "127.0.0.1") == "scanned");
}

TEST_CASE("clients in local_net are not scanned") {
  const Exemptions exemptions = read("local_net = ['192.0.2.0/24', 'relay.example.org']\n");
  CHECK(reason_for_client(exemptions, "x.example", "192.0.2.99") == "client in local_net");
  CHECK(reason_for_client(exemptions, "relay.example.org", "198.51.100.1") ==
        "client in local_net");
  CHECK(reason_for_client(exemptions, "x.example", "198.51.100.1") == "scanned");
  CHECK(reason_for_client(exemptions, "localhost", "127.0.0.1") == "scanned");
}

TEST_CASE("local in local_net is mail without an address, or from localhost") {
  const Exemptions exemptions = read("local_net = 'local'\n");
  CHECK(reason_for_client(exemptions, "", "") == "client in local_net");
  CHECK(reason_for_client(exemptions, "localhost", "127.0.0.1") == "client in local_net");
  CHECK(reason_for_client(exemptions, "mail.example.net", "127.0.0.1") == "scanned");
}

TEST_CASE("skip_authenticated is an expression that fits any part of the login") {
  const Exemptions exemptions = read("skip_authenticated = '^(ann|bob)$|trusted'\n");
  CHECK(exemptions.asks_for_login());
  CHECK(reason_for_login(exemptions, "Ann") == "user in skip_authenticated");
  CHECK(reason_for_login(exemptions, "annette") == "scanned");
  CHECK(reason_for_login(exemptions, "x-trusted-y") == "user in skip_authenticated");
  CHECK(reason_for_login(exemptions, "") == "scanned");
}

TEST_CASE("an expression that fits everything does not fit a client without a login") {
  CHECK(reason_for_login(read("skip_authenticated = '.*'\n"), "") == "scanned");
}

TEST_CASE("skip_authenticated takes a file of whole names") {
  const SignatureDirectory directory;
  directory.write("users", "# people\nann\r\n  bob \n\n");
  const Exemptions exemptions =
      read("skip_authenticated = 'file:" + directory.path() + "/users'\n");
  CHECK(reason_for_login(exemptions, "ANN") == "user in skip_authenticated");
  CHECK(reason_for_login(exemptions, "bob") == "user in skip_authenticated");
  CHECK(reason_for_login(exemptions, "bobby") == "scanned");
  CHECK(reason_for_login(exemptions, "# people") == "scanned");
}

TEST_CASE("an allow list's pattern fits with angle brackets and without") {
  for (const char* pattern : {"From:^<ann@example\\.org>$", "From:^ann@example\\.org$", "From:ANN@",
                              "From:@example\\.org>"}) {
    CAPTURE(pattern);
    CHECK(parse(pattern).reason_for(envelope("ann@example.org", {"x@y.example"})) ==
          "sender in allow_list");
  }
  CHECK(parse("From:^ann@example\\.org$").reason_for(envelope("ann@example.orgy", {"x"})).empty());
}

TEST_CASE("all recipients have to be in the allow list") {
  const AllowList list = parse("To:@safe\\.example\nplain@other\\.example\n");
  CHECK(list.reason_for(envelope("s@x.example", {"a@safe.example", "plain@other.example"})) ==
        "all recipients in allow_list");
  CHECK(list.reason_for(envelope("s@x.example", {"a@safe.example", "b@x.example"})).empty());
  CHECK(list.reason_for(envelope("a@safe.example", {"b@x.example"})).empty());
  CHECK(list.reason_for(envelope("s@x.example", {})).empty());
}

TEST_CASE("an allow list's patterns are basic expressions, its comments begin with #, : or !") {
  const AllowList list = parse("#x@\n:x@\n!x@\n\nFrom:a+(b)@\r\n");
  CHECK(list.reason_for(envelope("a+(b)@example.org", {"r@example.org"})) ==
        "sender in allow_list");
  CHECK(list.reason_for(envelope("aab@example.org", {"x@example.org"})).empty());
}

TEST_CASE("the null sender is <>") {
  CHECK(parse("From:^<>$").reason_for(envelope("", {"x"})) == "sender in allow_list");
}

TEST_CASE("every fault of an allow list is told with its line") {
  AllowList::Faults faults;
  AllowList::parse("ok@\nFrom:\n\\(a\nTo:\\(a\\)\\1\n", "list", faults);
  REQUIRE(faults.size() == 3);
  CHECK(faults[0] == "list:2: an empty pattern would let everybody's mail pass unscanned");
  CHECK(faults[1].starts_with("list:3: '\\(a' is no basic regular expression: "));
  CHECK(faults[2] ==
        "list:4: '\\(a\\)\\1' is no basic regular expression: a backslash with a digit is not "
        "supported");
}

TEST_CASE("faults of all three settings are reported") {
  StageTable table(
      "local_net = ['192.0.2.0/99']\nskip_authenticated = '('\nallow_list = '/nowhere'\n");
  Exemptions::read(table.section());
  const Errors errors = table.errors();
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].starts_with("local_net: "));
  CHECK(errors[1].starts_with("skip_authenticated: '(' is no extended regular expression: "));
  CHECK(errors[2] == "allow_list: cannot read '/nowhere': No such file or directory");
}

TEST_CASE("texts beyond the bounds fit nothing") {
  const AllowList list = parse("From:a");
  CHECK(list.reason_for(envelope(std::string(2000, 'a'), {"x"})).empty());
  AllowList::Faults faults;
  AllowList::parse(std::string(5000, 'a'), "list", faults);
  CHECK(faults.size() == 1);
}

}  // namespace
}  // namespace milterd::clamav
