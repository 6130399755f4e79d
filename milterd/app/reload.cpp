#include "milterd/app/reload.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "milterd/app/configuration.hpp"

namespace milterd {
namespace {

/// Of a problem with its source line and caret, what a log line can carry.
std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

}  // namespace

Result<std::unique_ptr<InForce>> InForce::start(ConfigFile& file, PluginLibrary& plugins,
                                                Log& log) {
  auto resolver = UnboundResolver::create(file.config().dns);
  if (!resolver) {
    return std::unexpected(std::move(resolver.error()));
  }
  std::unique_ptr<InForce> made(new InForce(file.config(), std::move(*resolver), plugins, log));
  made->pipeline_ = Pipeline::build(file, plugins, nullptr, Load::background, made->resolver_, log);
  return made->pipeline_ == nullptr ? nullptr : std::move(made);
}

bool InForce::reload(const std::string& config_path) {
  const auto begun = std::chrono::steady_clock::now();
  const auto file = read_configuration(config_path);
  const Config& config = file->config();
  std::unique_ptr<UnboundResolver> resolver;
  // Whatever is wrong, all stages are read, so that every fault is told in one run.
  Result<> usable;
  if (const auto listener = listener_settings(config.milter); !listener && file->ok()) {
    usable = std::unexpected(listener.error());
  } else if (file->ok() && dns_ != config.dns) {
    if (auto made = UnboundResolver::create(config.dns)) {
      resolver = std::move(*made);
    } else {
      usable = std::unexpected(std::move(made.error()));
    }
  }
  Pipeline::load_plugins(*file, plugins_, log_);
  auto pipeline = Pipeline::build(*file, plugins_, pipeline_.get(), Load::now, resolver_, log_);
  if (pipeline == nullptr || !usable) {
    return give_up(*file, usable ? "the configuration is wrong" : usable.error().message);
  }
  if (resolver) {
    resolver_.replace(std::move(resolver));
    dns_ = config.dns;
  }
  for (const auto& problem : file->problems()) {
    log_.warn("reload.problem", {{"text", first_line(problem.text)}});
  }
  warn_of_restart(config);
  log_.reopen(config.log.level);
  pipeline_ = std::move(pipeline);
  pipeline_->activate();
  const auto took = std::chrono::steady_clock::now() - begun;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  log_.info("reload.done",
            {{"stages", std::to_string(pipeline_->slots().size())}, {"ms", std::to_string(ms)}});
  return true;
}

bool InForce::give_up(const ConfigFile& file, const std::string& reason) {
  for (const auto& problem : file.problems()) {
    const auto level = problem.is_error ? LogLevel::error : LogLevel::warn;
    const LogField field{"text", first_line(problem.text)};
    log_.write(level, "reload.problem", {&field, 1});
  }
  log_.error("reload.failed",
             {{"reason", reason}, {"effect", "keeping the current configuration"}});
  return false;
}

void InForce::warn_of_restart(const Config& wanted) {
  const auto warn = [&](bool changed, std::string_view key) {
    if (changed) {
      log_.warn("reload.restart_needed", {{"key", key}, {"effect", "keeping the current value"}});
    }
  };
  warn(wanted.milter.socket != milter_.socket, "milter.socket");
  warn(wanted.milter.socket_mode != milter_.socket_mode, "milter.socket_mode");
  warn(wanted.milter.socket_group != milter_.socket_group, "milter.socket_group");
  warn(wanted.milter.user != milter_.user, "milter.user");
  warn(wanted.milter.plugin_directory != milter_.plugin_directory, "milter.plugin_directory");
  warn(wanted.log.target != log_settings_.target, "log.target");
  warn(wanted.log.format != log_settings_.format, "log.format");
}

}  // namespace milterd
