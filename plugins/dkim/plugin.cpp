#include "milterd/plugin.hpp"

#include "plugins/dkim/dkim_stage.hpp"

extern "C" const milterd::Plugin* milterd_plugin() {
  static constexpr milterd::Plugin plugin{
      .abi = milterd::abi_version,
      .build = MILTERD_BUILD_SIGNATURE,
      .name = "dkim",
      .version = "0.1.0",
      .process_init = nullptr,
      .make_stage = milterd::dkim::make_dkim_stage,
  };
  return &plugin;
}
