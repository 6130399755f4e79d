#include "milterd/app/offline.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string>
#include <sysexits.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "milterd/app/configuration.hpp"
#include "milterd/app/privileges.hpp"
#include "milterd/dns/unbound_resolver.hpp"
#include "milterd/log/log.hpp"
#include "milterd/pipeline/pipeline.hpp"

namespace milterd {
namespace {

using Mode = CommandLine::Mode;

int fail_with(int status, const std::string& text) {
  std::fprintf(stderr, "milterd: %s\n", text.c_str());
  return status;
}

/// Whether a start could write there. Opening it would make a file of the wrong owner where this is
/// not the user that milterd runs as.
Result<> check_log_target(const std::string& target) {
  const auto slash = target.rfind('/');
  if (slash == std::string::npos || access(target.c_str(), W_OK) == 0) {
    return {};
  }
  const std::string directory = target.substr(0, std::max<std::size_t>(slash, 1));
  if (errno == ENOENT && access(directory.c_str(), W_OK | X_OK) == 0) {
    return {};
  }
  return fail("cannot open the log file '" + target +
              "': " + std::generic_category().message(errno) +
              "; let the user that milterd runs as write "
              "there, or name another 'target' under [log]");
}

/// As a start does it, so that keys are read as the user who has to be able to read them.
Result<> become_the_daemon(const Config& config) {
  auto dropped = drop_privileges(config.milter.user);
  return dropped ? check_log_target(config.log.target) : dropped;
}

}  // namespace

int run_offline(const CommandLine& command) {
  const auto file = read_configuration(command.config);
  const Config& config = file->config();
  const auto log = Log::open({LogLevel::warn, LogSettings::Format::text, "stderr"});
  if (!log) {
    return fail_with(EX_OSERR, log.error().message);
  }
  Result<> startable;
  if (command.mode == Mode::check_config && file->ok()) {
    startable = become_the_daemon(config);
  }
  // As far as the file itself is right, its server names are checked too.
  const auto listener = listener_settings(config.milter);
  auto resolver = UnboundResolver::create(file->ok() ? config.dns : DnsSettings{});
  Result<> resolvable;
  if (!resolver) {
    // With another one the stages are read all the same, so that every fault is told in one run.
    resolvable = fail(resolver.error().message);
    resolver = UnboundResolver::create(DnsSettings{});
  }
  if (!resolver) {
    return fail_with(EX_CONFIG, resolvable.error().message);
  }
  PluginLibrary plugins(plugin_directory(config.milter));
  Pipeline::load_plugins(*file, plugins, **log);
  const auto load = command.mode == Mode::print_config   ? Load::background
                    : command.mode == Mode::check_config ? Load::check
                                                         : Load::now;
  const auto pipeline = Pipeline::build(*file, plugins, nullptr, load, **resolver, **log);
  print_problems(*file);
  int status = pipeline == nullptr ? EX_CONFIG : EX_OK;
  if (!startable) {
    status = fail_with(EX_CONFIG, startable.error().message);
  }
  if (!resolvable) {
    status = fail_with(EX_CONFIG, resolvable.error().message);
  }
  if (!listener && file->ok()) {
    status = fail_with(EX_CONFIG, listener.error().message);
  }
  if (status != EX_OK) {
    return status;
  }
  if (command.mode == Mode::print_config) {
    std::fputs(file->print().c_str(), stdout);
    return EX_OK;
  }
  if (command.mode == Mode::check_message) {
    pipeline->activate();
    return check_messages(command.check, pipeline, **log);
  }
  return EX_OK;
}

}  // namespace milterd
