#include "milterd/message/header_list.hpp"

#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

using milterd::HeaderList;

namespace {

void fill(HeaderList& list, const std::vector<std::pair<std::string, std::string>>& fields) {
  for (const auto& [name, value] : fields) {
    list.append(name, value);
  }
  list.complete();
}

std::string text(const HeaderList& list) {
  std::string all;
  for (const auto& field : list.fields()) {
    all.append(field.text()).append("|");
  }
  return all;
}

}  // namespace

TEST_CASE("header_list: keeps every byte, and makes folds by LF alone CRLF") {
  HeaderList list;
  fill(list, {{"Subject", "  two spaces "}, {"To", "a,\n\tb,\r\n c"}, {"X", ""}, {"Y", "\n z"}});
  REQUIRE(list.fields().size() == 4);
  CHECK(list.fields()[0].text() == "Subject:  two spaces ");
  CHECK(list.fields()[0].name() == "Subject");
  CHECK(list.fields()[0].value() == "  two spaces ");
  CHECK(list.fields()[1].value() == "a,\r\n\tb,\r\n c");
  CHECK(list.fields()[2].value().empty());
  CHECK(list.fields()[3].value() == "\r\n z");
  CHECK(list.received() == "Subject:  two spaces \r\nTo:a,\r\n\tb,\r\n c\r\nX:\r\nY:\r\n z\r\n");
}

TEST_CASE("header_list: finds the n-th field of a name in any case of letters") {
  HeaderList list;
  fill(list, {{"A", " 1"}, {"B", " 2"}, {"a", " 3"}});
  CHECK(list.find("a", 1) == 0);
  CHECK(list.find("A", 2) == 2);
  CHECK(list.find("A", 3) == std::nullopt);
  CHECK(list.find("C", 1) == std::nullopt);
}

TEST_CASE("header_list: change and erase count among the fields of the same name") {
  HeaderList list;
  fill(list, {{"A", " 1"}, {"B", " 2"}, {"A", " 3"}, {"A", " 4"}});
  CHECK(*list.change(3, "new") == 3);
  CHECK(text(list) == "A: 1|B: 2|A: 3|A: new|");
  CHECK(*list.erase(2) == 2);
  CHECK(*list.erase(1) == 1);
  CHECK(text(list) == "A: 1|A: new|");
  CHECK(*list.erase(1) == 2);
}

TEST_CASE("header_list: insert positions count the Received of the MTA, which is not seen") {
  HeaderList list;
  fill(list, {{"A", " 1"}, {"B", " 2"}});
  CHECK(*list.insert(1, "Top", "t") == 1);  // Directly below the MTA's Received.
  CHECK(text(list) == "Top: t|A: 1|B: 2|");
  CHECK(*list.insert(3, "Middle", "m") == 3);
  CHECK(text(list) == "Top: t|A: 1|Middle: m|B: 2|");
  CHECK(*list.insert(99, "End", "e") == 5);
  CHECK(text(list) == "Top: t|A: 1|Middle: m|B: 2|End: e|");
}

TEST_CASE("header_list: what is inserted at 0 stands above, and the last one on top") {
  HeaderList list;
  fill(list, {{"A", " 1"}});
  CHECK(*list.insert(0, "First", "1") == 0);
  CHECK(*list.insert(0, "Second", "2") == 0);
  CHECK(text(list) == "Second: 2|First: 1|A: 1|");
  // Now the MTA's Received is the third field: 2 is above it, 3 below.
  CHECK(*list.insert(2, "Above", "x") == 2);
  CHECK(text(list) == "Second: 2|First: 1|Above: x|A: 1|");
  CHECK(*list.insert(4, "Below", "y") == 4);
  CHECK(text(list) == "Second: 2|First: 1|Above: x|Below: y|A: 1|");
}

TEST_CASE(
    "header_list: what stands above counts with the others of its name, the MTA's own does not") {
  HeaderList list;
  fill(list, {{"Received", " by a"}, {"X", " 1"}, {"Received", " by b"}});
  CHECK(*list.insert(0, "X", "top") == 0);
  CHECK(*list.change(2, "one") == 2);
  CHECK(*list.change(0, "new top") == 1);
  CHECK(*list.change(3, "by b, changed") == 2);
  CHECK(*list.erase(0) == 1);
  // Nothing stands above the MTA's Received any more.
  CHECK(*list.insert(1, "Y", "y") == 1);
  CHECK(text(list) == "Y: y|Received: by a|X: one|Received: by b, changed|");
}

TEST_CASE("header_list: a value without leading space gets one, one with keeps it") {
  HeaderList list;
  fill(list, {});
  REQUIRE(list.add("A", "v"));
  REQUIRE(list.add("B", "  v"));
  REQUIRE(list.add("C", "\tv"));
  REQUIRE(list.add("D", ""));
  REQUIRE(list.add("E", "a\n b\r\n\tc"));
  CHECK(text(list) == "A: v|B:  v|C:\tv|D: |E: a\r\n b\r\n\tc|");
}

TEST_CASE(
    "header_list: exact values get no space, and a change may write the name in another case") {
  HeaderList list;
  list.append("Subject", " s");
  list.complete();
  list.set_exact(true);
  REQUIRE(list.add("A", "v"));
  REQUIRE(list.add("B", ""));
  CHECK(*list.change(0, "SUBJECT", "new") == 1);
  CHECK(list.fields()[0].text() == "SUBJECT:new");
  CHECK(list.fields()[1].text() == "A:v");
  CHECK(list.fields()[2].text() == "B:");
  CHECK_FALSE(list.change(0, "Other", "new"));
  CHECK_FALSE(list.change(9, "Other", "new"));
}

TEST_CASE("header_list: refuses what no header can hold") {
  using namespace std::string_literals;
  struct Case {
    std::string name, value, error;
  };
  for (
      const auto& [name, value, error] : std::vector<Case>{
          {"", "v", "'' cannot be the name of a header field"},
          {"A B", "v", "'A B' cannot be the name of a header field"},
          {"A:", "v", "'A:' cannot be the name of a header field"},
          {"X", "a\r\nB: injected",
           "the value of 'X' cannot stand in a header: a line end in it is not followed by a space "
           "or tab"},
          {"X", "a\nB: injected",
           "the value of 'X' cannot stand in a header: a line end in it is not followed by a space "
           "or tab"},
          {"X", "a\r\n",
           "the value of 'X' cannot stand in a header: a line end in it is not followed by a space "
           "or tab"},
          {"X", "a\rb", "the value of 'X' cannot stand in a header: it has a bare CR"},
          {"X", "a\0b"s, "the value of 'X' cannot stand in a header: it has a NUL"},
          {"X", std::string(60'000, 'v'),
           "the field 'X' has 60003 bytes; MTAs cut fields at 60000"},
      }) {
    CAPTURE(error);
    HeaderList list;
    fill(list, {{"A", " 1"}});
    const auto added = list.add(name, value);
    REQUIRE_FALSE(added);
    CHECK(added.error().message == error);
    CHECK_FALSE(list.insert(0, name, value));
    CHECK(text(list) == "A: 1|");
  }
}

TEST_CASE("header_list: an index past the end is an error") {
  HeaderList list;
  fill(list, {{"A", " 1"}});
  CHECK(list.erase(1).error().message == "there is no header field 1, only 1");
  CHECK_FALSE(list.change(5, "x"));
}

TEST_CASE("header_list: a snapshot brings back fields, order and what stands above") {
  HeaderList list;
  fill(list, {{"A", " 1"}, {"B", " 2"}});
  auto snapshot = list.snapshot();
  REQUIRE(list.insert(0, "T", "t"));
  REQUIRE(list.erase(1));
  REQUIRE(list.change(1, "changed"));
  list.restore(std::move(snapshot));
  CHECK(text(list) == "A: 1|B: 2|");
  CHECK(*list.insert(1, "N", "n") == 1);
  CHECK(text(list) == "N: n|A: 1|B: 2|");
}
