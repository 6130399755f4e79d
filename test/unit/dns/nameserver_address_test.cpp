#include "milterd/dns/nameserver_address.hpp"

#include <chrono>
#include <doctest/doctest.h>

#include "milterd/dns/unbound_resolver.hpp"

using milterd::unbound_address;

TEST_CASE("a nameserver is an address with or without a port") {
  struct Case {
    const char* text;
    const char* expected;
  };
  for (const Case& c : {
           Case{"192.0.2.1", "192.0.2.1@53"},
           Case{"127.0.0.1:5353", "127.0.0.1@5353"},
           Case{"127.0.0.1:65535", "127.0.0.1@65535"},
           Case{"2001:db8::1", "2001:db8::1@53"},
           Case{"::1", "::1@53"},
           Case{"[::1]", "::1@53"},
           Case{"[2001:db8::1]:5353", "2001:db8::1@5353"},
           Case{"[192.0.2.1]:53", "192.0.2.1@53"},
       }) {
    CAPTURE(c.text);
    const auto address = unbound_address(c.text);
    REQUIRE(address);
    CHECK(*address == c.expected);
  }
}

TEST_CASE("what is not an address says how one is written") {
  for (const std::string text :
       {"", "ns.example.org", "ns.example.org:53", "192.0.2", "192.0.2.256", "[::1", "[::1]x",
        "[::1]53", "[]:53", ":53", "192.0.2.1 ", "192.0.2.1@53", "1:2:3"}) {
    CAPTURE(text);
    const auto address = unbound_address(text);
    REQUIRE_FALSE(address);
    CHECK(address.error().message ==
          "nameserver '" + text +
              "' is not an IP address with an optional port: write \"192.0.2.1\", "
              "\"192.0.2.1:53\" or \"[2001:db8::1]:53\"");
  }
}

TEST_CASE("a bad port is named") {
  for (const std::string port : {"", "0", "65536", "-1", "+1", "5x", "99999999999999999999"}) {
    CAPTURE(port);
    const auto address = unbound_address("192.0.2.1:" + port);
    REQUIRE_FALSE(address);
    CHECK(address.error().message == "nameserver '192.0.2.1:" + port + "' has the port '" + port +
                                         "': a port is a number from 1 to 65535");
  }
}

TEST_CASE("a resolver with a wrong nameserver is not made, and the error names the entry") {
  milterd::DnsSettings settings;
  settings.nameservers = {"127.0.0.1", "dns.example.org"};
  const auto resolver = milterd::UnboundResolver::create(settings);
  REQUIRE_FALSE(resolver);
  CHECK(resolver.error().message ==
        "nameserver 'dns.example.org' is not an IP address with an optional port: write "
        "\"192.0.2.1\", \"192.0.2.1:53\" or \"[2001:db8::1]:53\"");
}

TEST_CASE("a name that cannot exist is answered without asking anybody") {
  milterd::DnsSettings settings;
  settings.nameservers = {"127.0.0.1:1"};
  const auto resolver = milterd::UnboundResolver::create(settings);
  REQUIRE(resolver);
  const auto answer = (*resolver)->lookup_txt("a..b")->wait(std::chrono::steady_clock::now());
  CHECK(answer.status == milterd::TxtAnswer::Status::none);
  CHECK(answer.reason == "this is not a domain name");
}
