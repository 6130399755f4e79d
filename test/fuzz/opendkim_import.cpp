/// opendkim.conf, read and turned into a milterd.toml that must be one.

#include "milterd/import/opendkim_import.hpp"

#include <string>

#include "milterd/config/config_file.hpp"
#include "milterd/import/opendkim_file.hpp"
#include "milterd/util/utf8.hpp"
#include "test/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using milterd::fuzz::require;
  const std::string_view text = milterd::fuzz::text(data, size);
  // What the input names itself is not to be read.
  if (text.find('/') != std::string_view::npos) {
    return 0;
  }
  const auto settings = milterd::parse_opendkim_text(text, "opendkim.conf");
  for (const auto& setting : settings) {
    require(!setting.place.empty(), "a setting has a place");
    require(setting.option != nullptr || !setting.fault.empty(), "an unknown name is a fault");
  }
  const auto imported = milterd::import_opendkim(settings, "opendkim.conf");
  const auto file = milterd::ConfigFile::parse(imported.toml, "milterd.toml");
  require(!file->config().stages.empty() || !file->ok(), "the result has its stage");
  for (const auto& problem : file->problems()) {
    require(problem.text.find("syntax") == std::string::npos, "the result is TOML");
  }
  return 0;
}
