#pragma once
/// The configuration that serves where there is no file.

#include <string_view>

namespace milterd {

/// The text of the shipped milterd.toml, byte for byte. Lives as long as the process.
std::string_view default_config_text();

}  // namespace milterd
