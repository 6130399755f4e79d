#include "plugins/chained_milter/milters_setting.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace milterd::chained_milter;
using namespace std::chrono_literals;

namespace {

std::vector<ChildSettings> sound(std::string_view text) {
  std::vector<std::string> faults;
  auto children = parse_milters(text, faults);
  CHECK(faults == std::vector<std::string>());
  return children;
}

std::string fault(std::string_view text) {
  std::vector<std::string> faults;
  CHECK(parse_milters(text, faults).empty());
  return faults.empty() ? "none" : faults.front();
}

}  // namespace

TEST_CASE("milters: separated by commas or blanks, in order") {
  const auto children = sound(" inet:127.0.0.1:8891,unix:/run/a  local:/run/b\n\tinet:[::1]:9 ,");
  REQUIRE(children.size() == 4);
  CHECK(children[0].endpoint.text() == "inet:127.0.0.1:8891");
  CHECK(children[1].endpoint.text() == "unix:/run/a");
  CHECK(children[2].endpoint.text() == "unix:/run/b");
  CHECK(children[3].endpoint.text() == "inet:[::1]:9");
}

TEST_CASE("milters: the defaults are Postfix's") {
  const auto child = sound("inet:localhost:1").at(0);
  CHECK(child.timeouts.connect == 30s);
  CHECK(child.timeouts.command == 30s);
  CHECK(child.timeouts.content == 300s);
  CHECK(child.default_action == DefaultAction::tempfail);
  CHECK(child.protocol == 6);
}

TEST_CASE("milters: options in braces") {
  const auto children = sound(
      "inet:a:1, { unix:/run/x.sock, connect_timeout=10s, default_action=accept }\n"
      "{inet:b:2 command_timeout=7 content_timeout=2m protocol=4 { default_action = quarantine }}");
  REQUIRE(children.size() == 3);
  CHECK(children[1].timeouts.connect == 10s);
  CHECK(children[1].default_action == DefaultAction::accept);
  CHECK(children[2].endpoint.text() == "inet:b:2");
  CHECK(children[2].timeouts.command == 7s);
  CHECK(children[2].timeouts.content == 2min);
  CHECK(children[2].protocol == 4);
  CHECK(children[2].default_action == DefaultAction::quarantine);
}

TEST_CASE("milters: each fault is named, all of them in one run") {
  CHECK(fault("inet:8891") ==
        "\"inet:8891\": host and port are both needed; write inet:host:port "
        "or unix:/path");
  CHECK(fault("inet:a:0") == "\"inet:a:0\": the port must be a number from 1 to 65535");
  CHECK(fault("inet:a:smtp") == "\"inet:a:smtp\": the port must be a number from 1 to 65535");
  CHECK(fault("inet:::1:25") ==
        "\"inet:::1:25\": an IPv6 address stands in brackets, as in inet:[::1]:8891");
  CHECK(fault("unix:run/x") == "\"unix:run/x\": the path of a unix socket must begin with '/'");
  CHECK(fault("/run/x") ==
        "\"/run/x\": it must begin with inet: or unix:; write inet:host:port or unix:/path");
  CHECK(fault("{ inet:a:1, default_action=maybe }") ==
        "\"default_action=maybe\": default_action is one of tempfail, accept, reject, quarantine, "
        "shutdown");
  CHECK(fault("{ inet:a:1, connect_timeout=0 }") ==
        "\"connect_timeout=0\": a time is a whole number with s, m, h or d, as in 10s");
  CHECK(fault("{ inet:a:1, connect_timeout=10x }") ==
        "\"connect_timeout=10x\": a time is a whole number with s, m, h or d, as in 10s");
  CHECK(fault("{ inet:a:1, protocol=7 }") == "\"protocol=7\": protocol is a number from 2 to 6");
  CHECK(fault("{ inet:a:1, speed=fast }").starts_with("\"speed=fast\": there is no such option"));
  CHECK(fault("{ inet:a:1, default_action = accept }").starts_with("\"default_action\": it is no"));
  CHECK(fault("{ inet:a:1") == "\"{ inet:a:1\": '{' and '}' do not match");
  CHECK(fault("{ }") ==
        "\"{ }\": there is no filter in the braces; write { inet:host:port, name=value }");
  std::vector<std::string> faults;
  const auto children = parse_milters("inet:a, inet:b:1, { inet:c, protocol=1 }", faults);
  CHECK(children.size() == 1);
  CHECK(faults.size() == 3);
}
