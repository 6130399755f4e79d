#include "milterd/plugin.hpp"

#include "plugins/header_checks/header_checks_stage.hpp"
#include "plugins/header_checks/table_lookup.hpp"

const milterd::Plugin* milterd_plugin() {
  static constexpr milterd::Plugin plugin = {
      .abi = milterd::abi_version,
      .build = MILTERD_BUILD_SIGNATURE,
      .name = "header_checks",
      .version = MILTERD_VERSION,
      .process_init = nullptr,
      .make_stage = milterd::header_checks::HeaderChecksStage::make,
      .open_table = milterd::header_checks::open_lookup_table,
  };
  return &plugin;
}
