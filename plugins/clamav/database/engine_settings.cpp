#include "plugins/clamav/database/engine_settings.hpp"

#include <clamav.h>

namespace milterd::clamav {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::uint64_t kibibyte = 1024;
constexpr std::uint64_t gibibyte = 1024 * 1024 * 1024;
// libclamav never scans a file of 2 GiB or more, and has a fixed table for nested parts.
constexpr std::uint64_t most_file_size = 2 * gibibyte - kibibyte;
constexpr std::int64_t most_recursion = 100;

}  // namespace

EngineSettings read_engine_settings(Section& section) {
  EngineSettings engine;
  engine.max_scan_size =
      section.size("max_scan_size", engine.max_scan_size, kibibyte, 4 * gibibyte - kibibyte);
  engine.max_file_size =
      section.size("max_file_size", engine.max_file_size, kibibyte, most_file_size);
  engine.max_scan_time =
      section.duration("max_scan_time", engine.max_scan_time, milliseconds(1), hours(1));
  engine.max_recursion = static_cast<std::uint32_t>(
      section.integer("max_recursion", engine.max_recursion, 1, most_recursion));
  engine.max_files =
      static_cast<std::uint32_t>(section.integer("max_files", engine.max_files, 1, 1'000'000));
  engine.disable_cache = section.boolean("disable_cache", engine.disable_cache);
  return engine;
}

Result<> apply_engine_settings(cl_engine* engine, const EngineSettings& settings) {
  struct Number {
    cl_engine_field field;
    const char* key;
    std::uint64_t value;
  };
  const Number numbers[] = {
      {CL_ENGINE_MAX_SCANSIZE, "max_scan_size", settings.max_scan_size},
      {CL_ENGINE_MAX_FILESIZE, "max_file_size", settings.max_file_size},
      {CL_ENGINE_MAX_SCANTIME, "max_scan_time",
       static_cast<std::uint64_t>(settings.max_scan_time.count())},
      {CL_ENGINE_MAX_RECURSION, "max_recursion", settings.max_recursion},
      {CL_ENGINE_MAX_FILES, "max_files", settings.max_files},
      {CL_ENGINE_DISABLE_CACHE, "disable_cache", settings.disable_cache ? 1U : 0U},
  };
  for (const Number& number : numbers) {
    const cl_error_t error =
        cl_engine_set_num(engine, number.field, static_cast<long long>(number.value));
    if (error != CL_SUCCESS) {
      return fail(std::string("libclamav refuses ") + number.key + " = " +
                  std::to_string(number.value) + ": " + cl_strerror(error));
    }
  }
  return {};
}

}  // namespace milterd::clamav
