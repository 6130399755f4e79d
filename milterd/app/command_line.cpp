#include "milterd/app/command_line.hpp"

#include <array>
#include <charconv>
#include <getopt.h>
#include <optional>
#include <string_view>

#include "milterd/app/build_settings.hpp"
#include "milterd/mta/server.hpp"
#include "milterd/plugin.hpp"

namespace milterd {
namespace {

using Mode = CommandLine::Mode;

enum Option : int {
  option_config = 256,
  option_ready_fd,
  option_check_config,
  option_print_config,
  option_check_message,
  option_import_opendkim,
  option_import_clamav,
  option_query_table,
  option_version,
  option_help,
  // From here on: only with --check-message.
  option_format,
  option_client_address,
  option_client_name,
  option_helo,
  option_auth_user,
  option_mail_from,
  option_rcpt,
  option_macro,
  option_stage,
  option_time,
  option_mbox,
  option_write_message,
};

constexpr std::array options = {
    option{"config", required_argument, nullptr, option_config},
    option{"ready-fd", required_argument, nullptr, option_ready_fd},
    option{"check-config", no_argument, nullptr, option_check_config},
    option{"print-config", no_argument, nullptr, option_print_config},
    option{"check-message", no_argument, nullptr, option_check_message},
    option{"import-opendkim", required_argument, nullptr, option_import_opendkim},
    option{"import-clamav", required_argument, nullptr, option_import_clamav},
    option{"query-table", required_argument, nullptr, option_query_table},
    option{"version", no_argument, nullptr, option_version},
    option{"help", no_argument, nullptr, option_help},
    option{"format", required_argument, nullptr, option_format},
    option{"client-address", required_argument, nullptr, option_client_address},
    option{"client-name", required_argument, nullptr, option_client_name},
    option{"helo", required_argument, nullptr, option_helo},
    option{"auth-user", required_argument, nullptr, option_auth_user},
    option{"mail-from", required_argument, nullptr, option_mail_from},
    option{"rcpt", required_argument, nullptr, option_rcpt},
    option{"macro", required_argument, nullptr, option_macro},
    option{"stage", required_argument, nullptr, option_stage},
    option{"time", required_argument, nullptr, option_time},
    option{"mbox", no_argument, nullptr, option_mbox},
    option{"write-message", required_argument, nullptr, option_write_message},
    option{nullptr, 0, nullptr, 0},
};

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) {
    return std::nullopt;
  }
  return number;
}

std::unexpected<Error> wrong_value(std::string_view name, std::string_view wanted,
                                   std::string_view got) {
  return fail("--" + std::string(name) + " wants " + std::string(wanted) + ", got \"" +
              std::string(got) + "\"");
}

std::string_view name_of(int code) {
  for (const auto& known : options) {
    if (known.val == code && known.name != nullptr) {
      return known.name;
    }
  }
  return "";
}

Result<> read_check_option(CheckOptions& check, int code, const std::string& value) {
  switch (code) {
    case option_format:
      if (value != "text" && value != "json") {
        return wrong_value("format", "text or json", value);
      }
      check.json = value == "json";
      break;
    case option_client_address: check.client_address = value; break;
    case option_client_name: check.client_name = value; break;
    case option_helo: check.helo = value; break;
    case option_auth_user: check.auth_user = value; break;
    case option_mail_from: check.mail_from = value; break;
    case option_rcpt: check.recipients.push_back(value); break;
    case option_macro: {
      const auto equals = value.find('=');
      if (equals == std::string::npos || equals == 0) {
        return wrong_value("macro", "NAME=VALUE", value);
      }
      check.macros.emplace_back(value.substr(0, equals), value.substr(equals + 1));
      break;
    }
    case option_stage: check.stages.push_back(value); break;
    case option_time: {
      const auto seconds = parse_number<std::int64_t>(value);
      // What the clock cannot count in nanoseconds would wrap around.
      if (!seconds || *seconds > INT64_MAX / 1'000'000'000) {
        return wrong_value("time", "seconds since 1970", value);
      }
      check.time = std::chrono::system_clock::time_point(std::chrono::seconds(*seconds));
      break;
    }
    case option_mbox: check.mbox = true; break;
    case option_write_message: check.write_message = value; break;
    default: break;
  }
  return {};
}

Result<> set_mode(CommandLine& command, std::string& chosen, Mode mode, int code) {
  if (!chosen.empty() && chosen != name_of(code)) {
    return fail("--" + chosen + " and --" + std::string(name_of(code)) + " exclude each other");
  }
  command.mode = mode;
  chosen = name_of(code);
  return {};
}

Result<> read_option(CommandLine& command, std::string& chosen, int code, const char* argument) {
  const std::string value = argument == nullptr ? "" : argument;
  switch (code) {
    case option_config:
      if (value.empty()) {
        return wrong_value("config", "the path of a file", value);
      }
      command.config = value;
      return {};
    case option_ready_fd: {
      const auto descriptor = parse_number<int>(value);
      if (!descriptor) {
        return wrong_value("ready-fd", "the number of an open file descriptor", value);
      }
      command.ready_fd = *descriptor;
      return {};
    }
    case option_check_config: return set_mode(command, chosen, Mode::check_config, code);
    case option_print_config: return set_mode(command, chosen, Mode::print_config, code);
    case option_check_message: return set_mode(command, chosen, Mode::check_message, code);
    case option_import_opendkim:
      if (value.empty()) {
        return wrong_value("import-opendkim", "the path of an opendkim.conf", value);
      }
      command.import_file = value;
      return set_mode(command, chosen, Mode::import_opendkim, code);
    case option_import_clamav:
      if (value.empty()) {
        return wrong_value("import-clamav", "the path of a clamd.conf", value);
      }
      command.import_file = value;
      return set_mode(command, chosen, Mode::import_clamav, code);
    case option_query_table:
      command.table = value;
      return set_mode(command, chosen, Mode::query_table, code);
    case option_version: return set_mode(command, chosen, Mode::version, code);
    case option_help: return set_mode(command, chosen, Mode::help, code);
    default: return read_check_option(command.check, code, value);
  }
}

std::unexpected<Error> getopt_error(std::span<char*> arguments) {
  const std::string word = arguments[static_cast<std::size_t>(optind - 1)];
  if (optopt >= option_config) {
    const std::string name(name_of(optopt));
    return word.find('=') == std::string::npos ? fail("--" + name + " wants a value")
                                               : fail("--" + name + " takes no value");
  }
  return optopt != 0 ? fail(std::string("unknown option -") + static_cast<char>(optopt))
                     : fail("unknown or ambiguous option " + word);
}

}  // namespace

Result<CommandLine> parse_command_line(std::span<char*> arguments) {
  CommandLine command;
  std::string chosen;
  std::string_view check_only;
  opterr = 0;
  optind = 0;
  for (;;) {
    const int code = getopt_long(static_cast<int>(arguments.size()), arguments.data(), "",
                                 options.data(), nullptr);
    if (code == -1) {
      break;
    }
    if (code == '?') {
      return getopt_error(arguments);
    }
    if (auto read = read_option(command, chosen, code, optarg); !read) {
      return std::unexpected(std::move(read.error()));
    }
    check_only = code >= option_format ? name_of(code) : check_only;
  }
  const auto operands = arguments.subspan(static_cast<std::size_t>(optind));
  if (command.mode == Mode::query_table) {
    if (operands.size() != 1) {
      return fail("--query-table wants a TABLE and one KEY, or - for keys from standard input");
    }
    command.key = operands.front();
  } else if (command.mode == Mode::import_clamav) {
    if (operands.size() != 1 || std::string_view(operands.front()).empty()) {
      return fail(
          "--import-clamav wants a clamd.conf and a clamav-milter.conf, or - for one that "
          "is not there");
    }
    command.milter_file = operands.front();
    if (command.import_file == "-" && command.milter_file == "-") {
      return fail("--import-clamav wants at least one file");
    }
  } else {
    command.check.inputs.assign(operands.begin(), operands.end());
  }
  const bool checks = command.mode == Mode::check_message;
  const bool explains = command.mode == Mode::help || command.mode == Mode::version;
  if (!checks && !explains && !check_only.empty()) {
    return fail("--" + std::string(check_only) + " goes with --check-message only");
  }
  if (!checks && !explains && !command.check.inputs.empty()) {
    return fail("unexpected argument \"" + command.check.inputs.front() + "\"");
  }
  if (checks && command.check.inputs.empty()) {
    return fail("--check-message wants at least one FILE, or - for standard input");
  }
  if ((command.mode == Mode::import_opendkim || command.mode == Mode::import_clamav) &&
      !command.config.empty()) {
    return fail("--" + chosen + " makes a configuration and reads none; leave out --config");
  }
  if (command.ready_fd >= 0 && command.mode != Mode::serve) {
    return fail("--ready-fd goes with serving only");
  }
  return command;
}

std::string help_text() {
  return R"(milterd - mail filter (milter) for Postfix: DKIM, virus scanning, header checks

usage:
  milterd [--config FILE] [--ready-fd N]         run the milter in the foreground
  milterd --check-config [--config FILE]         load all that a start would load; list every fault
  milterd --print-config [--config FILE]         print the effective configuration as TOML
  milterd --check-message FILE... [options]      run messages through the pipeline, without an MTA
  milterd --import-opendkim FILE                 print a milterd.toml made from an opendkim.conf
  milterd --import-clamav CLAMD.CONF CLAMAV-MILTER.CONF
                                                 print one made from these two; - for none
  milterd --query-table TABLE KEY                what a pcre table answers to KEY, as postmap -q
  milterd --version | --help

  --config FILE        the configuration; default /etc/milterd/milterd.toml, and where that is
                       missing the built-in one
  --ready-fd N         write a newline to file descriptor N once milterd can serve

FILE of --check-message is a message with LF or CRLF lines, - for standard input, a directory
(every file below it), or with --mbox a mailbox.

  --format text|json   a report for people (default), or one JSON object a line
  --mbox               the files are mailboxes in mbox format
  --client-address ADDR, --client-name NAME, --helo NAME
                       the SMTP client (127.0.0.1, localhost, localhost)
  --auth-user NAME     the client authenticated as NAME
  --mail-from ADDR     the sender (from the message's From)
  --rcpt ADDR          a recipient; repeats (from the message's To)
  --macro NAME=VALUE   a further milter macro; repeats
  --stage NAME         run only this stage; repeats
  --time SECONDS       pretend that it is this time, in seconds since 1970
  --write-message PATH write the message as the MTA would hold it: to a file, to a directory for
                       many, or to - for standard output

TABLE is pcre:/path, /path or 'pcre:{ {rule}, {rule} }'. With - for KEY, keys are read from standard
input, one a line, and those that are found are printed with a tab and what the table answers.

exit status:
  0   served and stopped; configuration right; every message would be accepted; a key was found
  1   at least one message would be rejected, discarded or quarantined; no key was found
  64  wrong usage                         69  cannot listen on the socket
  66  an input cannot be read             70  libmilter failed
  75  a message would fail temporarily    74  standard output cannot be written
                                          78  the configuration is wrong
)";
}

std::string version_text() {
  return "milterd " MILTERD_VERSION "\nplugin interface " + std::to_string(abi_version) + " (" +
         MILTERD_BUILD_SIGNATURE + ")\n" + "libmilter " + libmilter_version() + "\n";
}

}  // namespace milterd
