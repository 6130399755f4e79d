#pragma once
/// The configuration as plain data. Reading it is config_file.hpp's job.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "milterd/log.hpp"
#include "milterd/section.hpp"
#include "milterd/verdict.hpp"

namespace milterd {

struct MilterSettings {
  std::string socket = "inet:127.0.0.1:8891";
  std::uint32_t socket_mode = 0660;  ///< Unix sockets only.
  std::string socket_group;          ///< Unix sockets only; "" leaves it.
  std::string user;                  ///< "" stays what it is.
  std::string authserv_id;           ///< "" takes the MTA's macro j.
  std::string plugin_directory;      ///< "" takes the built-in one.
};

/// Everything that comes from outside is bounded. What is over a limit is not kept, and the message
/// gets the answer that is configured here.
struct Limits {
  std::uint64_t sessions = 2000;  ///< At once; one more is told to come back.
  std::uint64_t header_size = 256 * 1024;
  std::uint64_t header_count = 2000;
  std::uint64_t message_size = 100 * 1024 * 1024;
  std::uint64_t message_memory = 2 * 1024 * 1024;  ///< A larger message goes to an unlinked file.
  std::uint64_t recipients = 10000;
  std::chrono::milliseconds command_time{25'000};   ///< All stages, one envelope event.
  std::chrono::milliseconds message_time{240'000};  ///< All stages, the complete message.
  std::chrono::milliseconds drain_time{30'000};     ///< Messages in hand at a stop.
  std::string spool_directory = "/tmp";
  Action on_header_limit = Action::reject;
  Action on_message_limit = Action::reject;
  Action on_recipient_limit = Action::tempfail;
};

struct DnsSettings {
  std::vector<std::string> nameservers;  ///< "127.0.0.1:5353", "[::1]:53"; empty: the system's.
  std::chrono::milliseconds timeout{5'000};
  std::string
      trust_anchor_file;  ///< DS or DNSKEY records to validate DNSSEC with; "": no validating.

  bool operator==(const DnsSettings&) const = default;
};

struct LogSettings {
  enum class Format : std::uint8_t { text, json };
  LogLevel level = LogLevel::info;
  Format format = Format::text;
  std::string target = "stderr";  ///< "stderr", "syslog", or a path.
};

struct StageSettings {
  std::string name;
  std::string plugin;
  Action on_error = Action::tempfail;   ///< tempfail, accept, reject or quarantine.
  std::chrono::milliseconds timeout{};  ///< For one call; 0: only the message's own limit.
  bool shadow = false;                  ///< Runs and is logged; changes nothing.
  Section* section = nullptr;           ///< The rest of its table; lives with the file.
};

struct Config {
  MilterSettings milter;
  Limits limits;
  DnsSettings dns;
  LogSettings log;
  std::vector<StageSettings> stages;
};

}  // namespace milterd
