#include "milterd/pipeline/pipeline.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace milterd {
namespace {

/// Postfix's smtpd_recipient_limit. A limit of ours below it has to be told at RCPT TO, so that the
/// sender can send to the others; above it the MTA refuses first, and RCPT TO needs no answer of
/// ours.
constexpr std::uint64_t mta_recipient_limit = 1000;

void merge(Needs& all, const Needs& one) {
  for (const auto need :
       {&Needs::connect, &Needs::helo, &Needs::mail, &Needs::rcpt, &Needs::data, &Needs::header,
        &Needs::body, &Needs::image, &Needs::edits_header, &Needs::edits_body, &Needs::edits_sender,
        &Needs::edits_recipients, &Needs::quarantines, &Needs::reports_auth_results, &Needs::end,
        &Needs::header_edits}) {
    all.*need = all.*need || one.*need;
  }
  all.macros.insert(all.macros.end(), one.macros.begin(), one.macros.end());
}

/// What follows from a declaration, so that nobody has to think of it twice.
Needs completed(Needs needs, const StageSettings& settings) {
  needs.header = needs.header || needs.image || needs.reports_auth_results || needs.edits_header;
  needs.body = needs.body || needs.image;
  needs.edits_header = needs.edits_header || needs.reports_auth_results;
  needs.quarantines = needs.quarantines || settings.on_error == Action::quarantine;
  return needs;
}

Result<std::unique_ptr<Stage>> make(const Plugin& plugin, Section& section, const StageEnv& env) {
  try {
    auto stage = plugin.make_stage(section, env);
    if (stage && *stage == nullptr) {
      return fail("the plugin made no stage and gave no reason");
    }
    return stage;
  } catch (const std::exception& error) {
    return fail(std::string("the plugin threw: ") + error.what());
  } catch (...) {
    return fail("the plugin threw");
  }
}

}  // namespace

Pipeline::~Pipeline() {
  while (!slots_.empty()) {
    slots_.pop_back();
  }
}

void Pipeline::load_plugins(ConfigFile& file, PluginLibrary& plugins, Logger& log) {
  const auto& stages = file.config().stages;
  for (std::size_t index = 0; index < stages.size(); ++index) {
    if (auto loaded = plugins.load(stages[index].plugin, log); !loaded) {
      file.add_stage_error(index, "plugin", loaded.error().message);
    }
  }
}

std::shared_ptr<Pipeline> Pipeline::build(ConfigFile& file, const PluginLibrary& plugins,
                                          const Pipeline* previous, Load load, Resolver& resolver,
                                          Logger& log) {
  const Config& config = file.config();
  auto pipeline = std::make_shared<Pipeline>();
  pipeline->limits_ = config.limits;
  pipeline->authserv_id_ = config.milter.authserv_id;
  pipeline->logs_ = previous != nullptr ? previous->logs_ : std::make_shared<StageLogs>();
  for (std::size_t index = 0; index < config.stages.size(); ++index) {
    const StageSettings& settings = config.stages[index];
    const Plugin* plugin = plugins.find(settings.plugin);
    if (plugin == nullptr) {
      continue;  // load_plugins() has said why.
    }
    auto& stage_log =
        pipeline->logs_
            ->try_emplace(settings.name, log, ContextLog::Context{{"stage", settings.name}})
            .first->second;
    std::shared_ptr<const Stage> same;
    if (previous != nullptr) {
      const auto found = std::ranges::find_if(previous->slots_, [&](const Slot& slot) {
        return slot.settings.name == settings.name && slot.settings.plugin == settings.plugin;
      });
      same = found == previous->slots_.end() ? nullptr : found->stage;
    }
    auto stage = make(*plugin, *settings.section,
                      {settings.name, stage_log, resolver, load, std::move(same)});
    if (!stage) {
      file.add_stage_error(index, {}, "stage '" + settings.name + "': " + stage.error().message);
      continue;
    }
    Slot slot{settings, std::move(*stage), {}, false};
    slot.settings.section = nullptr;
    slot.needs = completed(slot.stage->needs(), settings);
    merge(pipeline->needs_, slot.needs);
    pipeline->stage_names_.push_back(settings.name);
    pipeline->slots_.push_back(std::move(slot));
  }
  file.check_unknown_keys();
  if (!file.ok()) {
    return nullptr;
  }
  if (config.stages.empty()) {
    log.warn("config.no_stage", {{"effect", "every message passes unchecked"}});
  }
  pipeline->needs_.rcpt = pipeline->needs_.rcpt || config.limits.recipients < mta_recipient_limit;
  auto& slots = pipeline->slots_;
  for (std::size_t index = 0; index < slots.size(); ++index) {
    slots[index].closes_auth_results =
        slots[index].needs.reports_auth_results &&
        (index + 1 == slots.size() || !slots[index + 1].needs.reports_auth_results);
  }
  return pipeline;
}

void Pipeline::activate() noexcept {
  for (const Slot& slot : slots_) {
    slot.stage->activate();
  }
}

bool Pipeline::ready() const {
  return std::ranges::all_of(slots_, [](const Slot& slot) { return slot.stage->ready(); });
}

}  // namespace milterd
