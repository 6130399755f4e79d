#include <doctest/doctest.h>

#include "milterd/config/config_file.hpp"
#include "test/unit/config/problems_text.hpp"

using namespace milterd;
using namespace std::chrono_literals;

TEST_CASE("settings: every key of milterd's own tables is read") {
  const auto file = ConfigFile::parse(R"(
[milter]
socket = "unix:/run/milterd/socket"
socket_mode = "0666"
socket_group = "postfix"
user = "milterd"
authserv_id = "mx.example.org"
plugin_directory = "/opt/plugins"
[limits]
sessions = 1
header_size = "1KiB"
header_count = 2
message_size = "2MiB"
message_memory = "3KiB"
recipients = 4
command_time = "500ms"
message_time = "5s"
drain_time = "0s"
spool_directory = "/var/spool/milterd"
on_header_limit = "discard"
on_message_limit = "tempfail"
on_recipient_limit = "reject"
[dns]
nameservers = ["192.0.2.1", "127.0.0.1:5353", "[::1]:53", "2001:db8::1", "[2001:db8::1]"]
timeout = "2s"
trust_anchor_file = "/usr/share/dns/root.key"
[log]
level = "warn"
format = "json"
target = "/var/log/milterd/log"
)",
                                      "milterd.toml");
  file->check_unknown_keys();
  CHECK(problems_text(*file).empty());

  const MilterSettings& milter = file->config().milter;
  CHECK(milter.socket == "unix:/run/milterd/socket");
  CHECK(milter.socket_mode == 0666);
  CHECK(milter.socket_group == "postfix");
  CHECK(milter.user == "milterd");
  CHECK(milter.authserv_id == "mx.example.org");
  CHECK(milter.plugin_directory == "/opt/plugins");

  const Limits& limits = file->config().limits;
  CHECK(limits.sessions == 1);
  CHECK(limits.header_size == 1024);
  CHECK(limits.header_count == 2);
  CHECK(limits.message_size == 2 * 1024 * 1024);
  CHECK(limits.message_memory == 3 * 1024);
  CHECK(limits.recipients == 4);
  CHECK(limits.command_time == 500ms);
  CHECK(limits.message_time == 5s);
  CHECK(limits.drain_time == 0s);
  CHECK(limits.spool_directory == "/var/spool/milterd");
  CHECK(limits.on_header_limit == Action::discard);
  CHECK(limits.on_message_limit == Action::tempfail);
  CHECK(limits.on_recipient_limit == Action::reject);

  CHECK(file->config().dns.nameservers == std::vector<std::string>{"192.0.2.1", "127.0.0.1:5353",
                                                                   "[::1]:53", "2001:db8::1",
                                                                   "[2001:db8::1]"});
  CHECK(file->config().dns.timeout == 2s);
  CHECK(file->config().dns.trust_anchor_file == "/usr/share/dns/root.key");

  CHECK(file->config().log.level == LogLevel::warn);
  CHECK(file->config().log.format == LogSettings::Format::json);
  CHECK(file->config().log.target == "/var/log/milterd/log");
}

TEST_CASE("settings: stages keep the order of the file, and their common keys") {
  const auto file = ConfigFile::parse(R"(
[[stage]]
plugin = "clamav"
[[stage]]
plugin = "dkim"
name = "verify.first-1"
on_error = "quarantine"
timeout = "10s"
shadow = true
[[stage]]
plugin = "dkim"
on_error = "accept"
)",
                                      "milterd.toml");
  CHECK(problems_text(*file).empty());
  const auto& stages = file->config().stages;
  REQUIRE(stages.size() == 3);
  CHECK(stages[0].plugin == "clamav");
  CHECK(stages[0].name == "clamav");
  CHECK(stages[0].on_error == Action::tempfail);
  CHECK(stages[0].timeout == 0s);
  CHECK_FALSE(stages[0].shadow);
  CHECK(stages[1].plugin == "dkim");
  CHECK(stages[1].name == "verify.first-1");
  CHECK(stages[1].on_error == Action::quarantine);
  CHECK(stages[1].timeout == 10s);
  CHECK(stages[1].shadow);
  CHECK(stages[2].name == "dkim");
  CHECK(stages[2].on_error == Action::accept);
  CHECK(stages[2].section != nullptr);
}

TEST_CASE("settings: a wrong value is one fault and leaves the default") {
  struct Case {
    std::string table;
    std::string line;
    std::string text;
  };
  const Case cases[] = {
      {"milter", R"(socket = "8891")",
       R"(2:10: error: 'socket' must be inet:host:port or unix:/path, got "8891")"},
      {"milter", R"(socket_mode = 660)", R"(2:15: error: 'socket_mode' must be a string, got 660)"},
      {"milter", R"(socket_mode = "0668")",
       R"(2:15: error: 'socket_mode' must be octal, "0000".."0777", got "0668")"},
      {"milter", R"(socket_mode = "1777")",
       R"(2:15: error: 'socket_mode' must be octal, "0000".."0777", got "1777")"},
      {"milter", R"(socket_mode = "")",
       R"(2:15: error: 'socket_mode' must be octal, "0000".."0777", got "")"},
      {"milter", R"(authserv_id = "a; b")",
       R"(2:15: error: 'authserv_id' must be a host name without blanks or ';', got "a; b")"},
      {"limits", R"(sessions = 0)", R"(2:12: error: 'sessions' must be 1..100000, got 0)"},
      {"limits", R"(sessions = "10")",
       R"(2:12: error: 'sessions' must be a whole number, 1..100000, got "10")"},
      {"limits", R"(recipients = 1.5)",
       "2:14: error: 'recipients' must be a whole number, 1..1000000, got a number with a "
       "fraction"},
      {"limits", R"(message_size = "0")",
       R"(2:16: error: 'message_size' must be 1KiB..4GiB, got "0")"},
      {"limits", R"(message_size = "5GiB")",
       R"(2:16: error: 'message_size' must be 1KiB..4GiB, got "5GiB")"},
      {"limits", R"(message_size = 1000)",
       R"(2:16: error: 'message_size' must be a size in quotes such as "25MiB", got 1000)"},
      {"limits", R"(message_size = "25M")",
       R"(2:16: error: 'message_size': "25M" is not a size: write a whole number and B, KiB, MiB )"
       R"(or GiB, such as "25MiB")"},
      {"limits", R"(message_time = "2h")",
       R"(2:16: error: 'message_time' must be 100ms..1h, got "2h")"},
      {"limits", R"(drain_time = 30)",
       R"(2:14: error: 'drain_time' must be a duration in quotes such as "30s", got 30)"},
      {"limits", R"(command_time = "soon")",
       R"(2:16: error: 'command_time': "soon" is not a duration: write a whole number and ms, s, )"
       R"(m, h or d, such as "30s")"},
      {"limits", R"(spool_directory = "spool")",
       "2:19: error: 'spool_directory' must be a path that begins with '/', got \"spool\""},
      {"limits", R"(on_header_limit = "rejct")",
       "2:19: error: 'on_header_limit' must be reject, tempfail or discard, got \"rejct\"; did "
       "you mean 'reject'?"},
      {"limits", R"(on_message_limit = "accept")",
       R"(2:20: error: 'on_message_limit' must be reject, tempfail or discard, got "accept")"},
      {"limits", R"(on_recipient_limit = "discard")",
       R"(2:22: error: 'on_recipient_limit' must be tempfail or reject, got "discard")"},
      {"dns", R"(nameservers = "dns.example.org")",
       "2:15: error: 'nameservers' must be addresses such as \"192.0.2.1\", \"127.0.0.1:5353\" or "
       "\"[::1]:53\", got \"dns.example.org\""},
      {"dns", R"(nameservers = ["127.0.0.1:0"])",
       "2:15: error: 'nameservers' must be addresses such as \"192.0.2.1\", \"127.0.0.1:5353\" or "
       "\"[::1]:53\", got \"127.0.0.1:0\""},
      {"dns", R"(nameservers = ["[::1"])",
       "2:15: error: 'nameservers' must be addresses such as \"192.0.2.1\", \"127.0.0.1:5353\" or "
       "\"[::1]:53\", got \"[::1\""},
      {"dns", R"(nameservers = ["::1", 53])",
       R"(2:23: error: 'nameservers' must hold strings only, got 53)"},
      {"dns", R"(trust_anchor_file = "root.key")",
       "2:21: error: 'trust_anchor_file' must be a path that begins with '/', got \"root.key\""},
      {"log", R"(level = "inof")",
       "2:9: error: 'level' must be debug, info, warn or error, got \"inof\"; did you mean "
       "'info'?"},
      {"log", R"(format = true)", R"(2:10: error: 'format' must be text or json, got true)"},
      {"log", R"(target = "sysolg")",
       R"(2:10: error: 'target' must be stderr, syslog or a path with a '/', got "sysolg")"},
  };
  for (const auto& [table, line, text] : cases) {
    CAPTURE(line);
    const auto file = ConfigFile::parse("[" + table + "]\n" + line + "\n", "m");
    const auto problems = file->problems();
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].text.substr(0, problems[0].text.find('\n')) == "m:" + text);
    CHECK_FALSE(file->ok());
    const Config& config = file->config();
    CHECK(config.milter.socket_mode == 0660);
    CHECK(config.limits.sessions == 2000);
    CHECK(config.limits.recipients == 10000);
    CHECK(config.limits.message_size == 100 * 1024 * 1024);
    CHECK(config.limits.message_time == 240s);
    CHECK(config.limits.on_header_limit == Action::reject);
    CHECK(config.log.level == LogLevel::info);
  }
}
