#include "milterd/app/daemon.hpp"

#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <string>
#include <sysexits.h>
#include <unistd.h>
#include <utility>

#include "milterd/app/build_settings.hpp"
#include "milterd/app/configuration.hpp"
#include "milterd/app/descriptor_limit.hpp"
#include "milterd/app/privileges.hpp"
#include "milterd/app/reload.hpp"
#include "milterd/app/signals.hpp"
#include "milterd/mta/server.hpp"
#include "milterd/mta/service_notice.hpp"

namespace milterd {
namespace {

using namespace std::chrono_literals;

int fail_with(int status, const std::string& text) {
  std::fprintf(stderr, "milterd: %s\n", text.c_str());
  return status;
}

/// Socket and user: all that may need root, so that everything else is read as the user who must be
/// able to read it again at a reload.
Result<Listener> take_rights(const MilterSettings& settings, Listener::Settings& address) {
  auto inherited = Listener::inherit();
  if (!inherited) {
    return std::unexpected(std::move(inherited.error()));
  }
  auto listener = inherited->passed ? Result<Listener>(std::move(inherited->listener))
                                    : Listener::open(address);
  if (listener) {
    if (auto dropped = drop_privileges(settings.user); !dropped) {
      return std::unexpected(std::move(dropped.error()));
    }
  }
  return listener;
}

void log_start(Logger& log, const ConfigFile& file, const Server& server) {
  for (const auto& problem : file.problems()) {
    log.warn("config.problem", {{"text", problem.text}});
  }
  if (is_root()) {
    log.warn("start.as_root", {{"effect", "milterd stays root; set user in [milter]"}});
  }
  log.info("start.done", {{"version", MILTERD_VERSION},
                          {"socket", server.address()},
                          {"stages", std::to_string(file.config().stages.size())}});
}

/// Until the order to stop. False when libmilter has ended before.
bool serve(Server& server, InForce& in_force, const std::string& config_path, ServiceNotice& notice,
           Log& log) {
  bool told_ready = false;
  while (server.running()) {
    if (!told_ready && in_force.pipeline()->ready()) {
      told_ready = true;
      notice.ready();
      log.info("ready");
    }
    const auto order = wait_for_signal(told_ready ? 1000ms : 50ms);
    if (order == SignalOrder::stop) {
      return true;
    }
    if (order == SignalOrder::reload) {
      // Before the first "ready" the manager waits for that, and a reload is not to say it early.
      if (told_ready) {
        notice.reloading();
      }
      if (in_force.reload(config_path)) {
        server.store(in_force.pipeline());
      }
      if (told_ready) {
        notice.ready();
      }
    }
  }
  return false;
}

/// False when something is still under way that uses what we would destroy.
bool end(Server& server, ServiceNotice& notice, std::chrono::milliseconds patience, Log& log) {
  log.info("stop.begin", {{"socket", server.address()}});
  notice.stopping();
  (void)server.drain(patience);
  const bool quiet = server.stop();
  log.info("stop.done");
  return quiet;
}

}  // namespace

int run_daemon(const CommandLine& command) {
  block_signals();
  if (command.ready_fd >= 0 && fcntl(command.ready_fd, F_GETFD) < 0) {
    return fail_with(EX_USAGE, "--ready-fd " + std::to_string(command.ready_fd) +
                                   ": the descriptor is not open");
  }
  ServiceNotice notice(command.ready_fd);
  const auto file = read_configuration(command.config);
  const Config& config = file->config();
  auto address = listener_settings(config.milter);
  if (!address && file->ok()) {
    return fail_with(EX_CONFIG, address.error().message);
  }
  // With faults in the file already, go on only to find those of the stages, and take no socket.
  std::optional<Listener> listener;
  if (file->ok()) {
    auto taken = take_rights(config.milter, *address);
    if (!taken) {
      return fail_with(EX_UNAVAILABLE, taken.error().message);
    }
    listener = std::move(*taken);
  }
  const auto log = Log::open(file->ok() ? config.log : LogSettings{});
  if (!log) {
    return fail_with(EX_CONFIG, log.error().message);
  }
  raise_descriptor_limit(config.limits.sessions, **log);
  PluginLibrary plugins(plugin_directory(config.milter));
  Pipeline::load_plugins(*file, plugins, **log);
  plugins.seal();
  auto in_force = InForce::start(*file, plugins, **log);
  if (!in_force) {
    return fail_with(EX_CONFIG, in_force.error().message);
  }
  if (*in_force == nullptr || !listener) {
    print_problems(*file);
    return fail_with(EX_CONFIG, "the configuration is wrong; nothing is served");
  }
  (*in_force)->pipeline()->activate();
  const auto patience = config.limits.drain_time;
  auto server = Server::start({std::move(*listener), (*in_force)->pipeline(), **log});
  if (!server) {
    return fail_with(EX_SOFTWARE, server.error().message);
  }
  log_start(**log, *file, **server);
  const bool ordered = serve(**server, **in_force, command.config, notice, **log);
  if (!ordered) {
    (*log)->error("stop.unexpected", {{"reason", "libmilter has ended by itself"}});
  }
  if (!end(**server, notice, patience, **log)) {
    _exit(ordered ? EX_OK : EX_SOFTWARE);
  }
  return ordered ? EX_OK : EX_SOFTWARE;
}

}  // namespace milterd
