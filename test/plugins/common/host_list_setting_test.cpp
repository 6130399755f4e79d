#include "plugins/common/host_list_setting.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "test/plugins/dkim/temporary_directory.hpp"
#include "test/support/stage_table.hpp"

using namespace milterd;
using milterd::dkim::test::TemporaryDirectory;
using milterd::test::StageTable;

TEST_CASE("hosts come from the list itself, from files, and from opendkim's pattern files") {
  const TemporaryDirectory directory;
  const std::string plain =
      directory.write("plain", "192.0.2.0/24 # office\n!192.0.2.66\n.in.test\n");
  const std::string patterns =
      directory.write("patterns", "*.out.test\n10.1.*\n2001:db8:1:*\n!10.1.7.*\n");
  StageTable table("hosts = ['::1', '127.0.0.1, 127.0.0.2', '" + plain + "', 'refile:" + patterns +
                   "']\n");
  const HostList hosts = read_host_list(table.section(), "hosts", {});
  CHECK(table.problems() == std::vector<std::string>{});
  struct Case {
    std::string name;
    std::string address;
    bool listed;
  };
  for (const Case& one : std::vector<Case>{{"", "::1", true},
                                           {"", "127.0.0.1", true},
                                           {"", "127.0.0.2", true},
                                           {"", "127.0.0.3", false},
                                           {"", "192.0.2.1", true},
                                           {"", "192.0.2.66", false},
                                           {"a.in.test", "198.51.100.1", true},
                                           {"a.b.out.test", "198.51.100.1", true},
                                           {"out.test", "198.51.100.1", false},
                                           {"", "10.1.2.3", true},
                                           {"", "10.1.7.3", false},
                                           {"", "10.2.0.0", false},
                                           {"", "2001:db8:1::5", true},
                                           {"", "2001:db8:2::5", false}}) {
    CAPTURE(one.name);
    CAPTURE(one.address);
    CHECK(hosts.match(one.name, one.address).listed == one.listed);
  }
}

TEST_CASE("a list that is not there has its default") {
  StageTable table("");
  CHECK(read_host_list(table.section(), "hosts", {"127.0.0.1"}).match("", "127.0.0.1").listed);
  CHECK(read_host_list(table.section(), "others", {}).empty());
}

TEST_CASE("a lone star is everybody") {
  StageTable table("hosts = ['*', '!192.0.2.0/24']\n");
  const HostList hosts = read_host_list(table.section(), "hosts", {});
  CHECK(hosts.match("", "198.51.100.1").listed);
  CHECK(hosts.match("", "2001:db8::1").listed);
  CHECK_FALSE(hosts.match("", "192.0.2.1").listed);
}

TEST_CASE("an entry that opendkim would never match is taken, with a warning of what it means") {
  const std::string never = " here; opendkim would never match it, so write it like that";
  struct Case {
    std::string entry;
    std::string remark;       ///< "" for none.
    std::string in_patterns;  ///< In a "refile:".
  };
  for (const Case& one : std::vector<Case>{
           {"192.168.1.0/24", "", ""},
           {"192.168.1.7", "", ""},
           {"192.168.1.7/32", "", ""},
           {"[192.168.1.7]", "", ""},
           {"2001:db8::/32", "", ""},
           {"2001:DB8::7", "", ""},
           {"[2001:db8::7]", "", ""},
           {".example.org", "", ""},
           {"!Mail.example.org", "", ""},
           {"192.168.1.7/24", "'192.168.1.7/24' means 192.168.1.0/24" + never,
            "'192.168.1.7/24' means 192.168.1.0/24" + never},
           {"!192.168.1.7/24", "'!192.168.1.7/24' means !192.168.1.0/24" + never,
            "'!192.168.1.7/24' means !192.168.1.0/24" + never},
           {"10.0.0.0/08", "'10.0.0.0/08' means 10.0.0.0/8" + never,
            "'10.0.0.0/08' means 10.0.0.0/8" + never},
           {"2001:db8:0:0::1", "'2001:db8:0:0::1' means 2001:db8::1" + never,
            "'2001:db8:0:0::1' means 2001:db8::1" + never},
           {"2001:db8::1/64", "'2001:db8::1/64' means 2001:db8::/64" + never,
            "'2001:db8::1/64' means 2001:db8::/64" + never},
           {"::ffff:192.0.2.1", "'::ffff:192.0.2.1' means 192.0.2.1" + never,
            "'::ffff:192.0.2.1' means 192.0.2.1" + never},
           {"::ffff:192.0.2.0/120", "'::ffff:192.0.2.0/120' means 192.0.2.0/24" + never,
            "'::ffff:192.0.2.0/120' means 192.0.2.0/24" + never},
           {"*.example.org", "'*.example.org' means .example.org" + never, ""},
           {"192.168.*", "'192.168.*' means 192.168.0.0/16" + never, ""},
           {"192.168.*.*", "'192.168.*.*' means 192.168.0.0/16" + never, ""},
           {"2001:db8:*", "'2001:db8:*' means 2001:db8::/32" + never, ""},
           {"0.0.0.0/0", "'0.0.0.0/0' means every client with an IPv4 address",
            "'0.0.0.0/0' means every client with an IPv4 address"},
           {"::/0", "'::/0' means every client with an IPv6 address",
            "'::/0' means every client with an IPv6 address"},
           {"*", "'*' means every client", "'*' means every client"},
       }) {
    CAPTURE(one.entry);
    const TemporaryDirectory directory;
    const std::string file = directory.write("hosts", "\n" + one.entry + "\n");
    const auto expect = [](const std::string& place, const std::string& remark) {
      return remark.empty() ? std::vector<std::string>{}
                            : std::vector<std::string>{"hosts: warning: " + place + remark};
    };
    StageTable list("hosts = ['" + one.entry + "']\n");
    read_host_list(list.section(), "hosts", {});
    CHECK(list.problems() == expect("", one.remark));
    StageTable plain("hosts = '" + file + "'\n");
    read_host_list(plain.section(), "hosts", {});
    CHECK(plain.problems() == expect("'" + file + "' line 2: ", one.remark));
    StageTable patterns("hosts = 'refile:" + file + "'\n");
    read_host_list(patterns.section(), "hosts", {});
    CHECK(patterns.problems() == expect("'" + file + "' line 2: ", one.in_patterns));
  }
}

TEST_CASE("what is no host is told with its place") {
  const TemporaryDirectory directory;
  const std::string file =
      directory.write("hosts", "a.test\nmail[12].test\n1.2.*.4\n10.0.0.0/33\n");
  const auto no_host = [](const std::string& entry) {
    return "'" + entry +
           "' is not a host: use an address (192.0.2.7), a network (192.0.2.0/24), a name "
           "(mail.example.org) or a domain (.example.org), with ! in front for an exception";
  };
  StageTable table("hosts = ['refile:" + file + "', '', '!', '256.*', '/nowhere']\n");
  read_host_list(table.section(), "hosts", {});
  CHECK(table.problems() ==
        std::vector<std::string>{
            "hosts: '" + file + "' line 2: " + no_host("mail[12].test"),
            "hosts: '" + file + "' line 3: " + no_host("1.2.*.4"),
            "hosts: '" + file +
                "' line 4: '10.0.0.0/33' is not a network: what stands after / must be 0..32",
            "hosts: " + no_host(""), "hosts: " + no_host("!"), "hosts: " + no_host("256.*"),
            "hosts: cannot read '/nowhere': No such file or directory"});
}
