#include "milterd/app/offline.hpp"

#include <cstdio>
#include <string>
#include <sysexits.h>
#include <utility>

#include "milterd/app/configuration.hpp"
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

}  // namespace

int run_offline(const CommandLine& command) {
  const auto file = read_configuration(command.config);
  const Config& config = file->config();
  const auto log = Log::open({LogLevel::warn, LogSettings::Format::text, "stderr"});
  if (!log) {
    return fail_with(EX_OSERR, log.error().message);
  }
  // As far as the file itself is right, its server names are checked too.
  const auto listener = listener_settings(config.milter);
  const auto resolver = UnboundResolver::create(file->ok() ? config.dns : DnsSettings{});
  PluginLibrary plugins(plugin_directory(config.milter));
  if (!resolver) {
    return fail_with(EX_CONFIG, resolver.error().message);
  }
  Pipeline::load_plugins(*file, plugins, **log);
  const auto load = command.mode == Mode::print_config ? Load::background : Load::now;
  const auto pipeline = Pipeline::build(*file, plugins, nullptr, load, **resolver, **log);
  print_problems(*file);
  if (!listener && file->ok()) {
    return fail_with(EX_CONFIG, listener.error().message);
  }
  if (pipeline == nullptr) {
    return EX_CONFIG;
  }
  if (command.mode == Mode::print_config) {
    const std::string text = file->print();
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? EX_OK : EX_IOERR;
  }
  if (command.mode == Mode::check_message) {
    pipeline->activate();
    return check_messages(command.check, pipeline, **log);
  }
  return EX_OK;
}

}  // namespace milterd
