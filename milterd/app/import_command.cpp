#include "milterd/app/import_command.hpp"

#include <cstdio>
#include <optional>
#include <sysexits.h>
#include <utility>

#include "milterd/import/clamav_import.hpp"
#include "milterd/import/import_file.hpp"
#include "milterd/import/opendkim_file.hpp"
#include "milterd/import/opendkim_import.hpp"

namespace milterd {
namespace {

int unreadable(const Error& error) {
  std::fprintf(stderr, "milterd: %s\n", error.message.c_str());
  return EX_NOINPUT;
}

int print(const Imported& result) {
  std::fputs(result.toml.c_str(), stdout);
  for (const std::string& fault : result.faults) {
    std::fprintf(stderr, "milterd: %s\n", fault.c_str());
  }
  return result.faults.empty() ? EX_OK : EX_CONFIG;
}

/// None for "-".
Result<std::optional<ClamavFile>> read_clamav_file(const std::string& path) {
  if (path == "-") {
    return std::nullopt;
  }
  auto text = read_import_file(path);
  if (!text) {
    return std::unexpected(std::move(text.error()));
  }
  return ClamavFile{path, *std::move(text)};
}

}  // namespace

int run_import_opendkim(const std::string& path) {
  const auto settings = read_opendkim_file(path);
  return settings ? print(import_opendkim(*settings, path)) : unreadable(settings.error());
}

int run_import_clamav(const std::string& clamd_path, const std::string& milter_path) {
  const auto clamd = read_clamav_file(clamd_path);
  const auto clamav_milter = read_clamav_file(milter_path);
  if (!clamd || !clamav_milter) {
    return unreadable(clamd ? clamav_milter.error() : clamd.error());
  }
  return print(import_clamav(*clamd, *clamav_milter));
}

}  // namespace milterd
