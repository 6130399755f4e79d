#pragma once
/// The configuration in force, and how another one takes its place.

#include <memory>
#include <string>
#include <utility>

#include "milterd/config/config_file.hpp"
#include "milterd/dns/replaceable_resolver.hpp"
#include "milterd/dns/unbound_resolver.hpp"
#include "milterd/log/log.hpp"
#include "milterd/pipeline/pipeline.hpp"
#include "milterd/result.hpp"

namespace milterd {

/// What a start and a reload make from one configuration file. Used by one thread.
class InForce {
 public:
  /// Of the first start. `file` has been read; its stages may go on loading in the background.
  /// Null: `file` has problems. Error: the resolver.
  static Result<std::unique_ptr<InForce>> start(ConfigFile& file, PluginLibrary& plugins, Log& log);

  const std::shared_ptr<Pipeline>& pipeline() const { return pipeline_; }

  /// Builds all anew from the same file beside what is in force and takes it only if nothing is
  /// wrong. Every fault is logged, and so is how it ended. True when there is a new pipeline, which
  /// is active then. Settings that only a start can change are named in a warning.
  bool reload(const std::string& config_path);

 private:
  InForce(const Config& config, std::unique_ptr<UnboundResolver> resolver, PluginLibrary& plugins,
          Log& log)
      : milter_(config.milter),
        log_settings_(config.log),
        dns_(config.dns),
        plugins_(plugins),
        log_(log),
        resolver_(std::move(resolver)) {}
  void warn_of_restart(const Config& wanted);
  bool give_up(const ConfigFile& file, const std::string& reason);

  MilterSettings milter_;  ///< As started.
  LogSettings log_settings_;
  DnsSettings dns_;
  PluginLibrary& plugins_;
  Log& log_;
  ReplaceableResolver resolver_;
  std::shared_ptr<Pipeline> pipeline_;
};

}  // namespace milterd
