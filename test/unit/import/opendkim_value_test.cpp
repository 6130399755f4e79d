#include "milterd/import/opendkim_value.hpp"

#include <doctest/doctest.h>

#include "milterd/import/milter_socket.hpp"

namespace milterd {
namespace {

struct Row {
  const char* value;
  const char* expected;  ///< The value, or after "!" the error.
};

std::string text_of(const Result<std::string>& result) {
  return result ? *result : "!" + result.error().message;
}

TEST_CASE("a socket is written as Postfix writes it") {
  for (const auto& [value, expected] : {
           Row{"local:/run/opendkim.sock", "unix:/run/opendkim.sock"},
           Row{"unix:/run/opendkim.sock", "unix:/run/opendkim.sock"},
           Row{"/run/opendkim.sock", "unix:/run/opendkim.sock"},
           Row{"local:opendkim.sock", "unix:/base/opendkim.sock"},
           Row{"inet:8891@localhost", "inet:localhost:8891"},
           Row{"INET:8891@127.0.0.1", "inet:127.0.0.1:8891"},
           Row{"inet:8891@[127.0.0.1]", "inet:127.0.0.1:8891"},
           Row{"inet:8891", "inet:0.0.0.0:8891"},
           Row{"inet6:8891", "inet6:[::]:8891"},
           Row{"inet6:8891@[::1]", "inet6:[::1]:8891"},
           Row{"inet:localhost:8891", "!a socket is inet:port@host"},
           Row{"inet:", "!a socket is inet:port@host"},
           Row{"inet:8891@", "!a socket is inet:port@host"},
       }) {
    CAPTURE(value);
    CHECK(text_of(milter_socket(value, "/base")) == expected);
  }
  CHECK(text_of(milter_socket("local:sock", "")) ==
        "!a socket is inet:port@host, or local:/path with the path in full");
}

TEST_CASE("a data set is recognized by its prefix or its look") {
  for (const auto& [value, expected] : {
           Row{"/etc/KeyTable", "file:/etc/KeyTable"},
           Row{"file:/etc/KeyTable", "file:/etc/KeyTable"},
           Row{"file:KeyTable", "file:/base/KeyTable"},
           Row{"refile:/etc/SigningTable", "refile:/etc/SigningTable"},
           Row{"REFILE:SigningTable", "refile:/base/SigningTable"},
           Row{"csl:a,b", "csl:a,b"},
           Row{"a,b:c", "csl:a,b:c"},
           Row{"example.org", "csl:example.org"},
           Row{"/etc/keys.db",
               "!milterd reads no db: data sets; write its rows to a file, \"key value\" in each "
               "line, and name that"},
           Row{"ldap://host/x",
               "!milterd reads no ldap: data sets; write its rows to a file, \"key value\" in "
               "each line, and name that"},
           Row{"fiel:/etc/x", "!\"fiel:\" is no type of data set; write file:, refile: or csl:"},
       }) {
    CAPTURE(value);
    CHECK(text_of(opendkim_data_set(value, "/base")) == expected);
  }
}

TEST_CASE("a list is its entries, a file is the only entry") {
  using List = std::vector<std::string>;
  CHECK(*opendkim_list(" a , b,,c ", "") == List{"a", "b", "c"});
  CHECK(*opendkim_list("127.0.0.1,::1", "") == List{"127.0.0.1", "::1"});
  CHECK(*opendkim_list("csl:127.0.0.1,::1", "") == List{"127.0.0.1", "::1"});
  CHECK(*opendkim_list("refile:TrustedHosts", "/base/") == List{"refile:/base/TrustedHosts"});
  CHECK_FALSE(opendkim_list("dsn:mysql://x", "").has_value());
}

TEST_CASE("numbers are read as strtol does") {
  struct Number {
    const char* value;
    std::int64_t expected;  ///< -1: none.
  };
  for (const auto& [value, expected] :
       {Number{"10", 10}, Number{"0", 0}, Number{"007", 7}, Number{"022", 18}, Number{"0x1F", 31},
        Number{"-1", -1}, Number{"08", -1}, Number{"1k", -1}, Number{"", -1}, Number{"0x", -1},
        Number{"99999999999999999999", -1}}) {
    CAPTURE(value);
    CHECK(opendkim_integer(value).value_or(-1) == expected);
  }
}

TEST_CASE("only the first byte of a boolean counts") {
  for (const char* yes : {"yes", "Y", "true", "Turn it off", "1"}) {
    CHECK(opendkim_boolean(yes));
  }
  for (const char* no : {"no", "N", "false", "F", "0", ""}) {
    CHECK_FALSE(opendkim_boolean(no));
  }
}

TEST_CASE("actions are words or their first letters") {
  for (const auto& [value, expected] :
       {Row{"a", "accept"}, Row{"Accept", "accept"}, Row{"d", "discard"}, Row{"q", "quarantine"},
        Row{"REJECT", "reject"}, Row{"t", "tempfail"},
        Row{"rej", "!the actions are accept, discard, quarantine, reject and tempfail"}}) {
    CAPTURE(value);
    CHECK(text_of(opendkim_action(value)) == expected);
  }
}

}  // namespace
}  // namespace milterd
