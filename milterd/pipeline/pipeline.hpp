#pragma once
/// The stages of one configuration, in order. Immutable; a reload makes a new one.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "milterd/config/config_file.hpp"
#include "milterd/log/log.hpp"
#include "milterd/pipeline/plugin_library.hpp"
#include "milterd/stage.hpp"

namespace milterd {

class Pipeline {
 public:
  struct Slot {
    StageSettings settings;  ///< Without the section.
    std::shared_ptr<Stage> stage;
    Needs needs;
    /// The host writes Authentication-Results after this stage: it reports results, or one before
    /// it does, and the next one does not.
    bool closes_auth_results = false;
  };

  /// Loads the plugins that `file` names; failures become problems of the file.
  static void load_plugins(ConfigFile& file, PluginLibrary& plugins, Logger& log);

  /// Makes every stage of `file`, reading on after faults; they are in file.problems() then, and
  /// the result is null. `previous` may be null. Calls no activate(). `log` and `resolver` must
  /// outlive the pipeline and all that is built with it as `previous`.
  static std::shared_ptr<Pipeline> build(ConfigFile& file, const PluginLibrary& plugins,
                                         const Pipeline* previous, Load load, Resolver& resolver,
                                         Logger& log);

  Pipeline() = default;
  ~Pipeline();  ///< Stages end in reverse order.
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  const std::vector<Slot>& slots() const { return slots_; }
  /// In the order of slots().
  const std::vector<std::string>& stage_names() const { return stage_names_; }
  const Limits& limits() const { return limits_; }
  /// "" means: what the MTA calls itself.
  const std::string& authserv_id() const { return authserv_id_; }
  /// What all stages need together.
  const Needs& needs() const { return needs_; }
  /// In force from now on; once.
  void activate() noexcept;
  bool ready() const;

 private:
  /// By stage name. Parts of a stage may pass from pipeline to pipeline and go on logging, so their
  /// loggers do too.
  using StageLogs = std::map<std::string, ContextLog, std::less<>>;

  std::shared_ptr<StageLogs> logs_;
  std::vector<Slot> slots_;
  std::vector<std::string> stage_names_;
  Limits limits_;
  std::string authserv_id_;
  Needs needs_;
};

}  // namespace milterd
