#include "milterd/app/query_table.hpp"

#include <cstdio>
#include <iostream>
#include <string>
#include <sysexits.h>
#include <vector>

#include "milterd/app/configuration.hpp"
#include "milterd/log/log.hpp"
#include "milterd/lookup_table.hpp"
#include "milterd/pipeline/plugin_library.hpp"

namespace milterd {
namespace {

constexpr const char* plugin_name = "header_checks";

int fail_with(int status, const std::string& text) {
  std::fprintf(stderr, "milterd: %s\n", text.c_str());
  return status;
}

void print_warnings(std::vector<std::string>& warnings) {
  for (const auto& warning : warnings) {
    std::fprintf(stderr, "milterd: warning: %s\n", warning.c_str());
  }
  warnings.clear();
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int query_one(const LookupTable& table, const std::string& key) {
  std::vector<std::string> warnings;
  const auto answer = table.find(key, warnings);
  print_warnings(warnings);
  if (!answer) {
    return 1;
  }
  print(*answer + "\n");
  return EX_OK;
}

int query_many(const LookupTable& table) {
  std::vector<std::string> warnings;
  bool found = false;
  for (std::string key; std::getline(std::cin, key);) {
    const auto answer = table.find(key, warnings);
    print_warnings(warnings);
    if (answer) {
      print(key + "\t" + *answer + "\n");
      found = true;
    }
  }
  if (std::cin.bad()) {
    return fail_with(EX_NOINPUT, "cannot read standard input");
  }
  return found ? EX_OK : 1;
}

}  // namespace

int query_table(const CommandLine& command) {
  const auto log = Log::open({LogLevel::warn, LogSettings::Format::text, "stderr"});
  if (!log) {
    return fail_with(EX_OSERR, log.error().message);
  }
  // Only where the plugins are is asked of it; what else may be wrong with it is no concern here.
  const auto file = read_configuration(command.config);
  PluginLibrary plugins(plugin_directory(file->config().milter));
  if (const auto loaded = plugins.load(plugin_name, **log); !loaded) {
    return fail_with(EX_CONFIG, loaded.error().message);
  }
  const auto* plugin = plugins.find(plugin_name);
  if (plugin->open_table == nullptr) {
    return fail_with(EX_CONFIG, std::string("the plugin ") + plugin_name + " has no tables");
  }
  std::vector<std::string> warnings;
  const auto table = plugin->open_table(command.table, warnings);
  print_warnings(warnings);
  if (!table) {
    return fail_with(EX_NOINPUT, table.error().message);
  }
  return command.key == "-" ? query_many(**table) : query_one(**table, command.key);
}

}  // namespace milterd
