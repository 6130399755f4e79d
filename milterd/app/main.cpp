#include <cstddef>
#include <cstdio>
#include <span>
#include <sysexits.h>

#include "milterd/app/command_line.hpp"
#include "milterd/app/daemon.hpp"
#include "milterd/app/offline.hpp"

int main(int argc, char** argv) {
  using Mode = milterd::CommandLine::Mode;
  const auto command = milterd::parse_command_line(std::span(argv, static_cast<std::size_t>(argc)));
  if (!command) {
    std::fprintf(stderr, "milterd: %s\nTry 'milterd --help'.\n", command.error().message.c_str());
    return EX_USAGE;
  }
  switch (command->mode) {
    case Mode::help: std::fputs(milterd::help_text().c_str(), stdout); return EX_OK;
    case Mode::version: std::fputs(milterd::version_text().c_str(), stdout); return EX_OK;
    case Mode::serve: return milterd::run_daemon(*command);
    default: return milterd::run_offline(*command);
  }
}
