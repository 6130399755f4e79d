#pragma once
/// milterd's options.

#include <cstdint>
#include <span>
#include <string>

#include "milterd/check/check_message.hpp"
#include "milterd/result.hpp"

namespace milterd {

struct CommandLine {
  enum class Mode : std::uint8_t {
    serve,
    check_config,
    print_config,
    check_message,
    import_opendkim,
    import_clamav,
    query_table,
    version,
    help
  };
  Mode mode = Mode::serve;
  std::string config;       ///< "" where none was given.
  int ready_fd = -1;        ///< -1 where none was given.
  std::string import_file;  ///< Of --import-opendkim; of --import-clamav the clamd.conf.
  std::string milter_file;  ///< Of --import-clamav the clamav-milter.conf.
  CheckOptions check;
  std::string table;  ///< Of --query-table, and the key; "-" is standard input.
  std::string key;
};

/// `arguments` begin with the program's name. Error: what is wrong; exit status 64. Not
/// thread-safe, like getopt_long(3).
Result<CommandLine> parse_command_line(std::span<char*> arguments);

/// What --help and --version print.
std::string help_text();
std::string version_text();

}  // namespace milterd
