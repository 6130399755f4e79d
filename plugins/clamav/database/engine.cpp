#include "plugins/clamav/database/engine.hpp"

#include <algorithm>
#include <clamav.h>
#include <utility>

#include "plugins/clamav/database/engine_options.hpp"
#include "plugins/clamav/database/memory_budget.hpp"
#include "plugins/clamav/database/pua_categories.hpp"
#include "plugins/clamav/libclamav_process.hpp"
#include "plugins/clamav/scanning/scan_context.hpp"

namespace milterd::clamav {
namespace {

struct Choice {
  const EngineSettings& settings;
  const std::stop_token& stop;
};

// cl_load() cannot be interrupted, but to leave out what is still to come makes it end soon.
int leave_out(const char* /*type*/, const char* name, unsigned /*custom*/, void* context) noexcept {
  const auto& [settings, stop] = *static_cast<const Choice*>(context);
  return stop.stop_requested() || (name != nullptr && !is_wanted(name, settings)) ? 1 : 0;
}

Result<> set_temporary_directory(cl_engine* engine, const std::string& path) {
  const cl_error_t error = cl_engine_set_str(engine, CL_ENGINE_TMPDIR, path.c_str());
  if (error != CL_SUCCESS) {
    return fail("libclamav refuses the temporary directory '" + path + "': " + cl_strerror(error));
  }
  return {};
}

}  // namespace

void Engine::Free::operator()(cl_engine* engine) const { cl_engine_free(engine); }

Engine::Engine(EngineSettings settings, EngineSlots::Slot slot, TemporaryDirectory temporary)
    : settings_(std::move(settings)),
      slot_(std::move(slot)),
      temporary_(std::move(temporary)),
      handle_(cl_engine_new()) {}

Engine::~Engine() = default;

Result<std::unique_ptr<const Engine>> Engine::load(const std::string& directory,
                                                   const DatabaseOrigin& origin,
                                                   const EngineSettings& settings,
                                                   EngineSlots::Slot slot,
                                                   const std::stop_token& stop, Logger& log) {
  const auto begin = std::chrono::steady_clock::now();
  const std::uint64_t memory_before = resident_memory();
  const std::string what = "cannot load the signature database in '" + directory + "': ";
  Result<TemporaryDirectory> temporary = TemporaryDirectory::create(settings.temporary_directory);
  if (!temporary) {
    return fail(what + temporary.error().message);
  }
  auto engine = std::make_unique<Engine>(settings, std::move(slot), std::move(*temporary));
  cl_engine* raw = engine->handle_.get();
  if (raw == nullptr) {
    return fail(what + "no memory");
  }
  if (const Result<> applied = apply_engine_settings(raw, settings); !applied) {
    return fail(what + applied.error().message);
  }
  if (const Result<> set = set_temporary_directory(raw, engine->temporary_.path()); !set) {
    return fail(what + set.error().message);
  }
  install_scan_callbacks(raw);

  const LoadMessages messages(log);
  Choice choice = {settings, stop};
  cl_engine_set_clcb_sigload(raw, leave_out, &choice);
  cl_error_t error =
      cl_load(directory.c_str(), raw, &engine->facts_.signatures, database_options(settings));
  cl_engine_set_clcb_sigload(raw, nullptr, nullptr);
  if (stop.stop_requested()) {
    return fail(what + "stopped");
  }
  if (error == CL_SUCCESS && engine->facts_.signatures == 0) {
    return fail(what + "its files hold no signature");
  }
  if (error == CL_SUCCESS) {
    error = cl_engine_compile(raw);
  }
  if (error != CL_SUCCESS) {
    const std::string& why = messages.errors();
    // The file first: a line of the log has room for so much of a value.
    return fail(what + (messages.file().empty() ? "" : messages.file() + ": ") +
                cl_strerror(error) + (why.empty() ? "" : " (" + why + ")"));
  }
  const std::uint64_t memory = resident_memory();
  engine->facts_.memory = memory - std::min(memory, memory_before);
  engine->facts_.version = origin.version;
  engine->facts_.built = origin.built;
  engine->facts_.loaded = std::chrono::system_clock::now();
  engine->facts_.load_time = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  return engine;
}

}  // namespace milterd::clamav
