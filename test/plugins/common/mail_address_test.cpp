#include "plugins/common/mail_address.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"

using namespace milterd;

namespace {

/// "local|domain" for each address, or "error: why".
std::vector<std::string> read(std::string_view value) {
  const auto addresses = parse_address_list(value);
  if (!addresses) {
    return {"error: " + addresses.error().message};
  }
  std::vector<std::string> texts;
  for (const MailAddress& address : *addresses) {
    texts.push_back(address.local_part + "|" + address.domain);
  }
  return texts;
}

}  // namespace

TEST_CASE("address fields are read as people write them") {
  struct Case {
    std::string value;
    std::vector<std::string> addresses;
  };
  for (const Case& one : std::vector<Case>{
           {" joe@Example.ORG", {"joe|example.org"}},
           {" Joe <joe@example.org>", {"joe|example.org"}},
           {"<joe@example.org>", {"joe|example.org"}},
           {" Joe Q. Public <joe@example.org>", {"joe|example.org"}},
           {" \"Public, Joe <x@y>\" <joe@example.org>", {"joe|example.org"}},
           {" \"a \\\" b\" <joe@example.org>", {"joe|example.org"}},
           {" =?utf-8?Q?J=C3=B6?= <joe@example.org>", {"joe|example.org"}},
           {" J\xc3\xb6 <j\xc3\xb6@example.org>", {"j\xc3\xb6|example.org"}},
           {" [List] x <joe@example.org>", {"joe|example.org"}},
           {" joe@example.org (Joe (the \\) one) x)", {"joe|example.org"}},
           {" (c) joe (c) . (c) x (c) @ (c) example (c) . org", {"joe.x|example.org"}},
           {"\r\n Joe\r\n\t<joe@example.org>\r\n ", {"joe|example.org"}},
           {" \"joe doe\"@example.org", {"joe doe|example.org"}},
           {" \"a@b\"@example.org", {"a@b|example.org"}},
           {" joe@[192.0.2.1]", {"joe|[192.0.2.1]"}},
           {" <@a.example,@b.example:joe@example.org>", {"joe|example.org"}},
           {" a@x.org, b@y.org", {"a|x.org", "b|y.org"}},
           {" a@x.org,, ,b@y.org,", {"a|x.org", "b|y.org"}},
           {" Group: a@x.org, B <b@y.org>;, c@z.org", {"a|x.org", "b|y.org", "c|z.org"}},
           {" undisclosed-recipients:;", {}},
           {"", {}},
           {" (only a comment)", {}},
       }) {
    CAPTURE(one.value);
    CHECK(read(one.value) == one.addresses);
  }
}

TEST_CASE("what can be taken for two senders is no address") {
  struct Case {
    std::string value;
    std::string error;
  };
  for (const Case& one : std::vector<Case>{
           {" joe", "an address without @"},
           {" joe@", "an address without a domain"},
           {" @example.org", "an address without a part before @"},
           {" a@b@example.org", "something follows an address without a comma"},
           {" a@evil.example <joe@example.org>", "something follows an address without a comma"},
           {" joe@example.org x", "something follows an address without a comma"},
           {" <joe@example.org> <b@example.org>", "something follows an address without a comma"},
           {" <joe@example.org", "an address in < has no >"},
           {" <joe@example.org, b@x>", "an address in < has no >"},
           {" <>", "an address without a part before @"},
           {" joe@example..org", "an address without a domain"},
           {" joe@example.org.", "an address without a domain"},
           {" .joe@example.org", "an address without a part before @"},
           {" joe@\"example.org\"", "an address without a domain"},
           {" [a]@example.org", "an address without a part before @"},
           {" \"joe@example.org", "a quoted string has no end"},
           {" joe@[192.0.2.1", "an address literal has no end"},
           {" joe@example.org (x", "a comment has no end"},
           {" " + std::string(17, '(') + std::string(17, ')') + " a@b", "a comment has no end"},
           {" Group: a@x.org", "a group has no end"},
           {" a: b: c@x.org;;", "an address without @"},
           {" a;b@x.org", "an address without @"},
           {std::string(" a\0@x.org", 9), "a character that no address has"},
           {" a\\b@x.org", "a character that no address has"},
       }) {
    CAPTURE(one.value);
    CHECK(read(one.value) == std::vector<std::string>{"error: " + one.error});
  }
}

TEST_CASE("a very long list has an end") {
  std::string value;
  for (int i = 0; i < 1001; ++i) {
    value += "a@b,";
  }
  CHECK(read(value) == std::vector<std::string>{"error: more than 1000 addresses"});
}
