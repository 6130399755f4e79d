#pragma once
/// What of libclamav's options is part of an engine: other ones need another engine.

#include <chrono>
#include <cstdint>
#include <string>

#include "milterd/result.hpp"
#include "milterd/section.hpp"

struct cl_engine;

namespace milterd::clamav {

/// Sizes in bytes.
struct EngineSettings {
  std::uint64_t max_scan_size = 100 * 1024 * 1024;  ///< All parts of a message together, unpacked.
  std::uint64_t max_file_size = 25 * 1024 * 1024;   ///< One part, and the message itself.
  std::chrono::milliseconds max_scan_time{120'000};
  std::uint32_t max_recursion = 16;
  std::uint32_t max_files = 10'000;
  bool disable_cache = false;
  std::string temporary_directory;  ///< Parent of the engine's own one; "": $TMPDIR, else /tmp.
  bool operator==(const EngineSettings&) const = default;
};

/// All but the temporary directory. Faults go to the section.
EngineSettings read_engine_settings(Section& section);

/// All but the temporary directory; before the engine loads. Error: what libclamav refuses, and
/// why.
Result<> apply_engine_settings(cl_engine* engine, const EngineSettings& settings);

}  // namespace milterd::clamav
