#pragma once
/// What a plugin's shared object exports.

#include <cstdint>
#include <memory>

#include "milterd/lookup_table.hpp"
#include "milterd/stage.hpp"

namespace milterd {

/// Counts up with every change to anything under include/milterd/.
inline constexpr std::uint32_t abi_version = 1;

#define MILTERD_STRINGIFY_(x) #x
#define MILTERD_STRINGIFY(x) MILTERD_STRINGIFY_(x)

#if defined(__clang__)
#define MILTERD_COMPILER_ "clang " MILTERD_STRINGIFY(__clang_major__)
#else
#define MILTERD_COMPILER_ "gcc " MILTERD_STRINGIFY(__GNUC__)
#endif
#if defined(__SANITIZE_ADDRESS__)
#define MILTERD_SANITIZER_ ", address sanitizer"
#elif defined(__SANITIZE_THREAD__)
#define MILTERD_SANITIZER_ ", thread sanitizer"
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MILTERD_SANITIZER_ ", address sanitizer"
#elif __has_feature(thread_sanitizer)
#define MILTERD_SANITIZER_ ", thread sanitizer"
#endif
#endif
#if !defined(MILTERD_SANITIZER_)
#define MILTERD_SANITIZER_ ", no sanitizer"
#endif
#if defined(_GLIBCXX_ASSERTIONS)
#define MILTERD_ASSERTIONS_ ", assertions"
#else
#define MILTERD_ASSERTIONS_ ""
#endif

/// What must be the same in host and plugin, since C++ objects cross between them.
#define MILTERD_BUILD_SIGNATURE                                                                   \
  MILTERD_COMPILER_ ", C++ " MILTERD_STRINGIFY(__cplusplus) ", libstdc++ ABI " MILTERD_STRINGIFY( \
      _GLIBCXX_USE_CXX11_ABI) MILTERD_SANITIZER_ MILTERD_ASSERTIONS_

/// The host checks `abi`, then `build`, before it looks at anything else: these two keep their
/// place and type for ever.
struct Plugin {
  std::uint32_t abi;  ///< abi_version
  const char* build;  ///< MILTERD_BUILD_SIGNATURE
  const char* name;   ///< As `plugin = "..."` in the configuration and the file name, without .so.
  const char* version;
  /// Called once per process before any thread starts. May be null.
  Result<> (*process_init)(Logger& log);
  /// Reads the stage's table. Faults of the configuration go to Section::error(); the error of the
  /// result is for what has no place in the file. Called again at each reload, never at the same
  /// time twice.
  Result<std::unique_ptr<Stage>> (*make_stage)(Section& section, const StageEnv& env);
  /// Opens a table by its specification, "pcre:/path". `warnings` get one line for each fault in
  /// it. Error: it cannot be opened. Null where the plugin has no tables.
  Result<std::unique_ptr<LookupTable>> (*open_table)(std::string_view specification,
                                                     std::vector<std::string>& warnings) = nullptr;
};

}  // namespace milterd

/// The only symbol that a plugin exports. Returns a table that lives as long as the process.
extern "C" [[gnu::visibility("default")]] const milterd::Plugin* milterd_plugin();
