#include "milterd/plugin.hpp"

#include "plugins/chained_milter/chained_milter_stage.hpp"

const milterd::Plugin* milterd_plugin() {
  static constexpr milterd::Plugin plugin = {
      .abi = milterd::abi_version,
      .build = MILTERD_BUILD_SIGNATURE,
      .name = "chained_milter",
      .version = MILTERD_VERSION,
      .process_init = nullptr,
      .make_stage = milterd::chained_milter::ChainedMilterStage::make,
  };
  return &plugin;
}
