#pragma once
/// EngineSettings as libclamav wants to be told them.

#include <clamav.h>
#include <cstdint>
#include <span>

#include "milterd/result.hpp"
#include "plugins/clamav/database/engine_settings.hpp"

namespace milterd::clamav {

/// A key that is one number of the engine.
template <typename Number>
struct EngineNumber {
  const char* key;
  Number EngineSettings::* member;
  cl_engine_field field;
  Number least;
  Number most;
};

/// A key that is one bit of how to scan.
struct ScanFlag {
  const char* key;
  bool EngineSettings::* member;
  std::uint32_t cl_scan_options::* word;
  std::uint32_t bit;
};

/// A key that is one bit of what to load.
struct DatabaseFlag {
  const char* key;
  bool EngineSettings::* member;
  unsigned bit;
};

std::span<const EngineNumber<std::uint64_t>> size_limits();
std::span<const EngineNumber<std::uint32_t>> count_limits();
std::span<const EngineNumber<std::uint32_t>> structured_counts();
std::span<const EngineNumber<bool>> engine_switches();
std::span<const ScanFlag> parser_flags();
std::span<const ScanFlag> alert_flags();
std::span<const ScanFlag> structured_flags();
std::span<const DatabaseFlag> signature_flags();
std::span<const DatabaseFlag> bytecode_flags();

/// All but the temporary directory and what pua_categories.hpp is for; before the engine loads.
/// Error: what libclamav refuses, and why.
Result<> apply_engine_settings(cl_engine* engine, const EngineSettings& settings);

/// For cl_load().
unsigned database_options(const EngineSettings& settings);

/// What the settings ask for; limits and encrypted parts are reported whether or not they count as
/// infected.
cl_scan_options scan_options(const EngineSettings& settings);

}  // namespace milterd::clamav
