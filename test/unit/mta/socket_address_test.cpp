#include "milterd/mta/socket_address.hpp"

#include <doctest/doctest.h>
#include <string>

namespace milterd {
namespace {

TEST_CASE("socket_address: every spelling of the field gives the same address") {
  struct Case {
    const char* text;
    SocketAddress::Family family;
    const char* host;
    int port;
    const char* as_postfix_writes_it;
  };
  using enum SocketAddress::Family;
  const Case cases[] = {
      {"inet:127.0.0.1:8891", inet, "127.0.0.1", 8891, "inet:127.0.0.1:8891"},
      {"inet:8891@127.0.0.1", inet, "127.0.0.1", 8891, "inet:127.0.0.1:8891"},
      {"inet:8891@[127.0.0.1]", inet, "127.0.0.1", 8891, "inet:127.0.0.1:8891"},
      {"inet:localhost:0", inet, "localhost", 0, "inet:localhost:0"},
      {"inet:localhost:65535", inet, "localhost", 65535, "inet:localhost:65535"},
      {"inet:[::1]:8891", inet6, "::1", 8891, "inet:[::1]:8891"},
      {"inet6:8891@::1", inet6, "::1", 8891, "inet:[::1]:8891"},
      {"inet6:8891@[2001:db8::1]", inet6, "2001:db8::1", 8891, "inet:[2001:db8::1]:8891"},
      {"inet6:localhost:8891", inet6, "localhost", 8891, "inet:[localhost]:8891"},
      {"unix:/run/m.sock", local, "/run/m.sock", 0, "unix:/run/m.sock"},
      {"local:/run/m.sock", local, "/run/m.sock", 0, "unix:/run/m.sock"},
      {"/run/m.sock", local, "/run/m.sock", 0, "unix:/run/m.sock"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.text);
    const auto address = parse_socket_address(one.text);
    REQUIRE(address);
    CHECK(address->family == one.family);
    CHECK(address->host == one.host);
    CHECK(address->port == one.port);
    CHECK(address->text() == one.as_postfix_writes_it);
  }
}

TEST_CASE("socket_address: an error names the text, the fault and what would be right") {
  struct Case {
    std::string text;
    std::string why;
  };
  const std::string example = "write inet:127.0.0.1:8891 or unix:/run/milterd/milterd.sock";
  const Case cases[] = {
      {"", "it must begin with inet:, inet6:, unix: or '/'; " + example},
      {"tcp:127.0.0.1:8891", "it must begin with inet:, inet6:, unix: or '/'; " + example},
      {"127.0.0.1:8891", "it must begin with inet:, inet6:, unix: or '/'; " + example},
      {"inet:8891", "host and port are both needed; " + example},
      {"inet::8891", "host and port are both needed; " + example},
      {"inet:localhost:", "host and port are both needed; " + example},
      {"inet:8891@", "host and port are both needed; " + example},
      {"inet:@localhost", "host and port are both needed; " + example},
      {"inet:localhost:65536",
       "the port must be a number from 0 (any that is free) to 65535, got \"65536\""},
      {"inet:localhost:-1",
       "the port must be a number from 0 (any that is free) to 65535, got \"-1\""},
      {"inet:localhost:smtp",
       "the port must be a number from 0 (any that is free) to 65535, got \"smtp\""},
      {"inet:localhost:25 ",
       "the port must be a number from 0 (any that is free) to 65535, got \"25 \""},
      {"inet:::1:8891", "an IPv6 address before a port stands in brackets, as in inet:[::1]:8891"},
      {"inet:[::g]:8891", "\"::g\" is no IPv6 address"},
      {"inet:two words:8891", "the host is no name and no address; " + example},
      {"unix:", "the path of a unix socket must begin with '/'"},
      {"unix:run/m.sock", "the path of a unix socket must begin with '/'"},
      {"unix:@abstract", "the path of a unix socket must begin with '/'"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.text);
    const auto address = parse_socket_address(one.text);
    REQUIRE_FALSE(address);
    CHECK(address.error().message == "socket \"" + one.text + "\": " + one.why);
  }
}

TEST_CASE("socket_address: a path may have 107 bytes and no more") {
  const std::string longest = "/" + std::string(106, 'x');
  CHECK(parse_socket_address("unix:" + longest));
  const auto refused = parse_socket_address("unix:" + longest + "x");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "socket \"unix:" + longest +
            "x\": the path has 108 bytes, but the system allows a unix socket only 107");
}

}  // namespace
}  // namespace milterd
