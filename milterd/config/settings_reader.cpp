#include "milterd/config/settings_reader.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <sys/socket.h>
#include <system_error>

namespace milterd {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;

std::uint64_t read_count(Section& section, std::string_view key, std::uint64_t otherwise,
                         std::int64_t most) {
  return static_cast<std::uint64_t>(
      section.integer(key, static_cast<std::int64_t>(otherwise), 1, most));
}

Action read_limit_action(Section& section, std::string_view key, Action otherwise) {
  constexpr std::array actions = {Action::reject, Action::tempfail, Action::discard};
  const auto position = std::ranges::find(actions, otherwise) - actions.begin();
  return actions.at(
      section.choice(key, static_cast<std::size_t>(position), {"reject", "tempfail", "discard"}));
}

std::uint32_t read_socket_mode(Section& section, std::uint32_t otherwise) {
  const std::string text = section.string("socket_mode", "0660");
  std::uint32_t mode = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, mode, 8);
  if (parsed.ec != std::errc{} || parsed.ptr != end || mode > 0777) {
    section.error("socket_mode",
                  "'socket_mode' must be octal, \"0000\"..\"0777\", got \"" + text + "\"");
    return otherwise;
  }
  return mode;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, port);
  return parsed.ec == std::errc{} && parsed.ptr == end && port >= 1 && port <= 65535;
}

bool is_address(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}

/// 192.0.2.1, 192.0.2.1:53, 2001:db8::1, [2001:db8::1], [2001:db8::1]:53
bool is_nameserver(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = std::min(text.find(']'), text.size());
    const std::string_view rest = text.substr(std::min(end + 1, text.size()));
    return end < text.size() && is_address(AF_INET6, text.substr(1, end - 1)) &&
           (rest.empty() || (rest.starts_with(':') && is_port(rest.substr(1))));
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return is_address(AF_INET, text);
  }
  return is_address(AF_INET6, text) ||
         (is_address(AF_INET, text.substr(0, colon)) && is_port(text.substr(colon + 1)));
}

/// Names are used in log lines, reports and file names.
bool is_name(std::string_view text) {
  const auto is_allowed = [](char byte) {
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' || byte == '-';
  };
  return !text.empty() && text.size() <= 64 && !text.starts_with('.') &&
         std::ranges::all_of(text, is_allowed);
}

bool check_name(Section& section, std::string_view key, const std::string& text) {
  if (is_name(text)) {
    return true;
  }
  section.error(key, "'" + std::string(key) +
                         "' must be 1..64 letters, digits, '_', '-' or '.', and not begin with "
                         "'.', got \"" +
                         text + "\"");
  return false;
}

}  // namespace

MilterSettings read_milter_settings(Section& section) {
  MilterSettings settings;
  settings.socket = section.string("socket", settings.socket);
  const auto is_kind = [&](std::string_view kind) { return settings.socket.starts_with(kind); };
  if (std::ranges::none_of(std::array{"inet:", "inet6:", "unix:", "local:", "/"}, is_kind)) {
    section.error("socket",
                  "'socket' must be inet:host:port or unix:/path, got \"" + settings.socket + "\"");
  }
  settings.socket_mode = read_socket_mode(section, settings.socket_mode);
  settings.socket_group = section.string("socket_group", settings.socket_group);
  settings.user = section.string("user", settings.user);
  settings.authserv_id = section.string("authserv_id", settings.authserv_id);
  const auto is_unfit = [](char byte) { return byte <= ' ' || byte == ';' || byte == 0x7F; };
  if (std::ranges::any_of(settings.authserv_id, is_unfit)) {
    section.error("authserv_id", "'authserv_id' must be a host name without blanks or ';', got \"" +
                                     settings.authserv_id + "\"");
  }
  settings.plugin_directory = section.string("plugin_directory", settings.plugin_directory);
  return settings;
}

Limits read_limits(Section& section) {
  Limits limits;
  limits.sessions = read_count(section, "sessions", limits.sessions, 100'000);
  limits.header_size = section.size("header_size", limits.header_size, kib, 64 * mib);
  limits.header_count = read_count(section, "header_count", limits.header_count, 100'000);
  limits.message_size = section.size("message_size", limits.message_size, kib, 4 * gib);
  limits.message_memory = section.size("message_memory", limits.message_memory, kib, gib);
  limits.recipients = read_count(section, "recipients", limits.recipients, 1'000'000);
  limits.command_time = section.duration("command_time", limits.command_time, 100ms, 1h);
  limits.message_time = section.duration("message_time", limits.message_time, 100ms, 1h);
  limits.drain_time = section.duration("drain_time", limits.drain_time, 0ms, 10min);
  limits.spool_directory = section.string("spool_directory", limits.spool_directory);
  if (!limits.spool_directory.starts_with('/')) {
    section.error("spool_directory",
                  "'spool_directory' must be a path that begins with '/', got \"" +
                      limits.spool_directory + "\"");
  }
  limits.on_header_limit = read_limit_action(section, "on_header_limit", limits.on_header_limit);
  limits.on_message_limit = read_limit_action(section, "on_message_limit", limits.on_message_limit);
  // No discard: at RCPT TO, an MTA discards the message for all of its recipients.
  constexpr std::array recipient_actions = {Action::tempfail, Action::reject};
  limits.on_recipient_limit =
      recipient_actions.at(section.choice("on_recipient_limit", 0, {"tempfail", "reject"}));
  return limits;
}

DnsSettings read_dns_settings(Section& section) {
  DnsSettings settings;
  settings.nameservers = section.strings("nameservers", {});
  for (const std::string& nameserver : settings.nameservers) {
    if (!is_nameserver(nameserver)) {
      section.error("nameservers",
                    "'nameservers' must be addresses such as \"192.0.2.1\", \"127.0.0.1:5353\" or "
                    "\"[::1]:53\", got \"" +
                        nameserver + "\"");
    }
  }
  settings.timeout = section.duration("timeout", settings.timeout, 10ms, 60s);
  settings.trust_anchor_file = section.string("trust_anchor_file", settings.trust_anchor_file);
  if (!settings.trust_anchor_file.empty() && !settings.trust_anchor_file.starts_with('/')) {
    section.error("trust_anchor_file",
                  "'trust_anchor_file' must be a path that begins with '/', got \"" +
                      settings.trust_anchor_file + "\"");
  }
  return settings;
}

LogSettings read_log_settings(Section& section) {
  LogSettings settings;
  settings.level = static_cast<LogLevel>(section.choice(
      "level", static_cast<std::size_t>(settings.level), {"debug", "info", "warn", "error"}));
  settings.format = static_cast<LogSettings::Format>(
      section.choice("format", static_cast<std::size_t>(settings.format), {"text", "json"}));
  settings.target = section.string("target", settings.target);
  const bool is_path = settings.target.contains('/');
  if (!is_path && settings.target != "stderr" && settings.target != "syslog") {
    section.error("target", "'target' must be stderr, syslog or a path with a '/', got \"" +
                                settings.target + "\"");
  }
  return settings;
}

std::optional<StageSettings> read_stage_settings(Section& section, std::set<std::string>& names) {
  constexpr std::array error_actions = {Action::tempfail, Action::accept, Action::reject,
                                        Action::quarantine};
  StageSettings settings;
  const bool has_plugin = section.has("plugin");
  settings.plugin = section.string("plugin", "");
  settings.name = section.string("name", settings.plugin);
  settings.on_error = error_actions.at(
      section.choice("on_error", 0, {"tempfail", "accept", "reject", "quarantine"}));
  settings.timeout = section.duration("timeout", 0ms, 0ms, 1h);
  settings.shadow = section.boolean("shadow", false);
  settings.section = &section;
  if (!has_plugin) {
    section.error("plugin", "'plugin' is missing: say which one, as in plugin = \"clamav\"");
    return std::nullopt;
  }
  if (!check_name(section, "plugin", settings.plugin)) {
    return std::nullopt;
  }
  if (settings.name != settings.plugin && !check_name(section, "name", settings.name)) {
    settings.name = settings.plugin;
  } else if (!names.insert(settings.name).second) {
    section.error("name", "an earlier stage has the name '" + settings.name +
                              "' already; give this one a 'name' of its own");
  }
  return settings;
}

}  // namespace milterd
