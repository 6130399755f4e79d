#include "milterd/plugin.hpp"

#include "plugins/clamav/clamav_stage.hpp"
#include "plugins/clamav/libclamav_process.hpp"

namespace {

milterd::Result<std::unique_ptr<milterd::Stage>> make_stage(milterd::Section& section,
                                                            const milterd::StageEnv& env) {
  return milterd::clamav::ClamavStage::make(section, env, MILTERD_VERSION);
}

}  // namespace

const milterd::Plugin* milterd_plugin() {
  static constexpr milterd::Plugin plugin = {
      .abi = milterd::abi_version,
      .build = MILTERD_BUILD_SIGNATURE,
      .name = "clamav",
      .version = MILTERD_VERSION,
      .process_init = milterd::clamav::start_libclamav,
      .make_stage = make_stage,
  };
  return &plugin;
}
