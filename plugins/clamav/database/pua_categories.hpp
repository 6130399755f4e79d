#pragma once
/// Which signatures of unwanted programs (PUA) to load.

#include <string_view>

#include "plugins/clamav/database/engine_settings.hpp"

namespace milterd::clamav {

/// False: include_pua or exclude_pua leaves the signature of this name out. libclamav compares
/// categories the wrong way round, so that it finds none where two are given.
bool is_wanted(std::string_view signature, const EngineSettings& settings);

}  // namespace milterd::clamav
