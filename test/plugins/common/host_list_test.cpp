#include "plugins/common/host_list.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"

using namespace milterd;

namespace {

HostList list_of(const std::vector<std::string>& entries) {
  HostList list;
  for (const std::string& entry : entries) {
    REQUIRE(list.add(entry));
  }
  return list;
}

}  // namespace

TEST_CASE("the more precise entry decides") {
  const HostList list =
      list_of({"192.0.2.0/24", "!192.0.2.64/26", "192.0.2.70", "2001:db8::/32", "!2001:db8:1::/48",
               "mail.example.org", ".example.org", "!bad.example.org", ".deep.bad.example.org",
               "!example.com", "10.0.0.1", "!10.0.0.1", "[::1]"});
  struct Case {
    std::string name;
    std::string address;
    bool listed;
    std::string entry;
  };
  for (const Case& one : std::vector<Case>{
           {"", "192.0.2.1", true, "192.0.2.0/24"},
           {"", "192.0.2.65", false, "!192.0.2.64/26"},
           {"", "192.0.2.70", true, "192.0.2.70"},
           {"", "192.0.3.1", false, ""},
           {"", "::ffff:192.0.2.70", true, "192.0.2.70"},
           {"", "2001:DB8::7", true, "2001:db8::/32"},
           {"", "2001:db8:1::7", false, "!2001:db8:1::/48"},
           {"", "2001:db9::7", false, ""},
           {"", "::1", true, "[::1]"},
           {"", "10.0.0.1", false, "!10.0.0.1"},
           {"", "", false, ""},
           {"", "nonsense", false, ""},
           {"mail.example.org", "198.51.100.1", true, "mail.example.org"},
           {"MAIL.Example.ORG.", "198.51.100.1", true, "mail.example.org"},
           {"a.b.example.org", "198.51.100.1", true, ".example.org"},
           {"example.org", "198.51.100.1", false, ""},
           {"notexample.org", "198.51.100.1", false, ""},
           {"bad.example.org", "192.0.2.1", false, "!bad.example.org"},
           {"x.bad.example.org", "198.51.100.1", true, ".example.org"},
           {"x.deep.bad.example.org", "198.51.100.1", true, ".deep.bad.example.org"},
           {"[192.0.2.1]", "192.0.2.1", true, "192.0.2.0/24"},
           {"unknown", "198.51.100.1", false, ""},
       }) {
    CAPTURE(one.name);
    CAPTURE(one.address);
    const HostList::Match match = list.match(one.name, one.address);
    CHECK(match.listed == one.listed);
    CHECK(match.entry == one.entry);
  }
}

TEST_CASE("prefixes of every length match") {
  CHECK(list_of({"0.0.0.0/0"}).match("", "203.0.113.9").listed);
  CHECK_FALSE(list_of({"0.0.0.0/0"}).match("", "2001:db8::1").listed);
  CHECK(list_of({"::/0"}).match("", "2001:db8::1").listed);
  CHECK(list_of({"192.0.2.7/31"}).match("", "192.0.2.6").listed);
  CHECK_FALSE(list_of({"192.0.2.7/31"}).match("", "192.0.2.8").listed);
  CHECK(list_of({"2001:db8::/33"}).match("", "2001:db8:7fff::1").listed);
  CHECK_FALSE(list_of({"2001:db8::/33"}).match("", "2001:db8:8000::1").listed);
}

TEST_CASE("an entry that is no host is refused with its reason") {
  const std::string hint =
      "' is not a host: use an address (192.0.2.7), a network (192.0.2.0/24), a name "
      "(mail.example.org) or a domain (.example.org), with ! in front for an exception";
  struct Case {
    std::string entry;
    std::string message;
  };
  for (const Case& one : std::vector<Case>{
           {"", "'" + hint},
           {"!", "'!" + hint},
           {"1.2.3", "'1.2.3" + hint},
           {"1.2.3.256", "'1.2.3.256" + hint},
           {"fe80::1%eth0", "'fe80::1%eth0" + hint},
           {"a b", "'a b" + hint},
           {"..", "'.." + hint},
           {"a..b", "'a..b" + hint},
           {"192.0.2.0/33", "'192.0.2.0/33' is not a network: what stands after / must be 0..32"},
           {"::/129", "'::/129' is not a network: what stands after / must be 0..128"},
           {"192.0.2.0/", "'192.0.2.0/' is not a network: what stands after / must be 0..32"},
           {"192.0.2.0/-1", "'192.0.2.0/-1' is not a network: what stands after / must be 0..32"},
           {"192.0.2.0/255.255.255.0",
            "'192.0.2.0/255.255.255.0' is not a network: what stands after / must be 0..32"},
           {"host/24", "'host/24' is not a network: what stands before / is not an address"},
       }) {
    HostList list;
    const auto added = list.add(one.entry);
    REQUIRE_FALSE(added);
    CHECK(added.error().message == one.message);
    CHECK(list.empty());
  }
}
