#include "plugins/chained_milter/protocol/response.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "plugins/chained_milter/protocol/stranger.hpp"
#include "plugins/chained_milter/protocol/wire.hpp"

using namespace milterd;
using namespace milterd::milter;
using namespace std::string_literals;

namespace {

using Kind = Response::Kind;
using Op = Modification::Op;

std::string fault(char code, const std::string& data = "") {
  const auto response = read_response({code, data});
  return response ? "none" : response.error().message;
}

Edit edit(char code, const std::string& data) {
  const auto response = read_response({code, data});
  REQUIRE(response);
  REQUIRE(response->kind == Kind::edit);
  return response->edit;
}

std::string reply(std::string_view text) {
  const auto read = read_reply(text);
  if (!read) {
    return read.error().message;
  }
  std::string shown = std::to_string(read->code) + " " + read->enhanced;
  for (const std::string& line : read->lines) {
    shown += "|" + line;
  }
  return shown;
}

}  // namespace

TEST_CASE("response: the decisions, which carry no data") {
  const std::pair<char, Kind> kinds[] = {
      {'c', Kind::proceed},  {'a', Kind::accept},   {'r', Kind::reject},
      {'t', Kind::tempfail}, {'d', Kind::discard},  {'s', Kind::skip},
      {'p', Kind::progress}, {'4', Kind::shutdown}, {'f', Kind::conn_fail}};
  for (const auto& [code, kind] : kinds) {
    const auto response = read_response({code, ""});
    REQUIRE(response);
    CHECK(response->kind == kind);
    CHECK(fault(code, "x") ==
          std::string("its packet '") + code + "' of 1 bytes is not in the form of the protocol");
  }
}

TEST_CASE("response: edits") {
  CHECK(edit('h', "X-A\0a\0"s).name == "X-A");
  CHECK(edit('h', "X-A\0a\0"s).value == "a");
  CHECK(edit('h', "X-A\0\0"s).value == "");
  CHECK(edit('h', "X-A\0a"s).value == "a");  // Without its last NUL.
  CHECK(edit('i', "\0\0\0\x02X-A\0a\0"s).index == 2);
  CHECK(edit('i', "\0\0\0\x02X-A\0a\0"s).op == Op::insert_header);
  CHECK(edit('m', "\0\0\0\x02X-A\0a\0"s).op == Op::change_header);
  CHECK(edit('m', "\0\0\0\x02X-A\0\0"s).op == Op::delete_header);
  CHECK(edit('+', "<a@b>\0"s).name == "<a@b>");
  CHECK(edit('2', "<a@b>\0NOTIFY=NEVER\0"s).value == "NOTIFY=NEVER");
  CHECK(edit('2', "<a@b>\0"s).value == "");
  CHECK(edit('-', "<a@b>\0"s).op == Op::delete_recipient);
  CHECK(edit('e', "<>\0RET=HDRS\0"s).op == Op::change_sender);
  CHECK(edit('b', "a\0b"s).value == "a\0b"s);
  CHECK(edit('q', "why\0"s).value == "why");
}

TEST_CASE("response: each edit names the action that it needs") {
  CHECK(edit('h', "X\0a\0"s).needs == action::add_header);
  CHECK(edit('i', "\0\0\0\0X\0a\0"s).needs == action::add_header);
  CHECK(edit('m', "\0\0\0\0X\0a\0"s).needs == action::change_header);
  CHECK(edit('m', "\0\0\0\0X\0\0"s).needs == action::change_header);
  CHECK(edit('+', "a\0"s).needs == action::add_recipient);
  CHECK(edit('2', "a\0b\0"s).needs == action::add_recipient_with_arguments);
  CHECK(edit('-', "a\0"s).needs == action::delete_recipient);
  CHECK(edit('e', "a\0"s).needs == action::change_sender);
  CHECK(edit('b', "").needs == action::replace_body);
  CHECK(edit('q', "").needs == action::quarantine);
}

TEST_CASE("response: edits cut short or with more than belongs there") {
  for (const auto& [code, data] :
       std::vector<std::pair<char, std::string>>{{'h', ""s},
                                                 {'h', "X-A\0"s},
                                                 {'h', "X-A\0a\0more\0"s},
                                                 {'i', "\0\0\0"s},
                                                 {'m', "\0\0\0\x01"s},
                                                 {'m', "\0\0\0\x01X-A\0"s},
                                                 {'+', "a\0b\0"s},
                                                 {'2', "a\0b\0c\0"s},
                                                 {'-', ""s}}) {
    CHECK(fault(code, data) == std::string("its packet '") + code + "' of " +
                                   std::to_string(data.size()) +
                                   " bytes is not in the form of the protocol");
  }
}

TEST_CASE("response: unknown packets are named") {
  CHECK(fault('Z', "12") == "it sent the unknown packet 'Z' of 2 bytes");
  CHECK(fault('O') == "it sent the unknown packet 'O' of 0 bytes");
  CHECK(fault('\x07') == "it sent the unknown packet 0x07 of 0 bytes");
}

TEST_CASE("reply: one line or several, with an enhanced code or without") {
  CHECK(reply("550 5.7.1 Go away") == "550 5.7.1|Go away");
  CHECK(reply("550 Go away") == "550 |Go away");
  CHECK(reply("451") == "451 |");
  CHECK(reply("554-5.7.1 one\r\n554-5.7.1 two\r\n554 5.7.1 three") == "554 5.7.1|one|two|three");
  CHECK(reply("450 4.2.0 100%% of %s") == "450 4.2.0|100% of s");
  CHECK(reply("550 5.7.1 a\rb\r\r\n") == "550 5.7.1|a b");
  CHECK(reply("550 5.7.1") == "550 5.7.1|");
}

TEST_CASE("reply: what is none") {
  for (const char* text :
       {"", "250 2.0.0 ok", "5x0 no", "55", "550x5.7.1", "550 4.7.1 classes differ"}) {
    CHECK(reply(text) == "its SMTP reply \"" + std::string(text) + "\" is none of 4xx or 5xx");
  }
  CHECK(reply("550-5.7.1 a\r\n451 4.7.1 b") ==
        "its SMTP reply \"550-5.7.1 a??451 4.7.1 b\" is none of 4xx or 5xx");
}

TEST_CASE("stranger: is named by its first words") {
  CHECK(describe_stranger("220 mx.example.org ESMTP Postfix\r\n") ==
        "it is no milter but an SMTP or FTP server, it says \"220 mx.example.org ESMTP Postfix\"");
  CHECK(describe_stranger("HTTP/1.1 400 Bad Request\r\n")
            .starts_with("it is no milter but an HTTP server"));
  CHECK(describe_stranger("UNKNOWN COMMAND\n").starts_with("it is no milter but clamd"));
  CHECK(describe_stranger("hello there") == "it is no milter, it says \"hello there\"");
  CHECK(describe_stranger("\0\0\0\x0dO"s).empty());
  CHECK(describe_stranger("\xff\xff\xff\xff").empty());
  CHECK(describe_stranger("").empty());
}
