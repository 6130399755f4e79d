#include "milterd/app/import_command.hpp"

#include <cstdio>
#include <sysexits.h>

#include "milterd/import/opendkim_file.hpp"
#include "milterd/import/opendkim_import.hpp"

namespace milterd {

int run_import(const std::string& path) {
  const auto settings = read_opendkim_file(path);
  if (!settings) {
    std::fprintf(stderr, "milterd: %s\n", settings.error().message.c_str());
    return EX_NOINPUT;
  }
  const OpendkimImport result = import_opendkim(*settings, path);
  std::fputs(result.toml.c_str(), stdout);
  for (const std::string& fault : result.faults) {
    std::fprintf(stderr, "milterd: %s\n", fault.c_str());
  }
  return result.faults.empty() ? EX_OK : EX_CONFIG;
}

}  // namespace milterd
