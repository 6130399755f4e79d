#include <cstddef>
#include <cstdio>
#include <span>
#include <sysexits.h>

#include "milterd/app/command_line.hpp"
#include "milterd/app/daemon.hpp"
#include "milterd/app/import_command.hpp"
#include "milterd/app/offline.hpp"
#include "milterd/app/query_table.hpp"

namespace {

using Mode = milterd::CommandLine::Mode;

int run(const milterd::CommandLine& command) {
  switch (command.mode) {
    case Mode::help: std::fputs(milterd::help_text().c_str(), stdout); return EX_OK;
    case Mode::version: std::fputs(milterd::version_text().c_str(), stdout); return EX_OK;
    case Mode::import_opendkim: return milterd::run_import_opendkim(command.import_file);
    case Mode::import_clamav:
      return milterd::run_import_clamav(command.import_file, command.milter_file);
    case Mode::query_table: return milterd::query_table(command);
    case Mode::serve: return milterd::run_daemon(command);
    default: return milterd::run_offline(command);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto command = milterd::parse_command_line(std::span(argv, static_cast<std::size_t>(argc)));
  if (!command) {
    std::fprintf(stderr, "milterd: %s\nTry 'milterd --help'.\n", command.error().message.c_str());
    return EX_USAGE;
  }
  const int status = run(*command);
  // A report that nobody got is no "all is well".
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    std::fprintf(stderr, "milterd: cannot write to standard output: is the disk full?\n");
    return EX_IOERR;
  }
  return status;
}
