/// clamd.conf and clamav-milter.conf, read and turned into a milterd.toml that must be one. The
/// first NUL divides the two.

#include "milterd/import/clamav_import.hpp"

#include <algorithm>
#include <string>

#include "milterd/config/config_file.hpp"
#include "test/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using milterd::fuzz::require;
  const std::string_view text = milterd::fuzz::text(data, size);
  const std::size_t end = std::min(text.find('\0'), text.size());
  const milterd::ClamavFile clamd{"clamd.conf", std::string(text.substr(0, end))};
  const milterd::ClamavFile clamav_milter{"clamav-milter.conf",
                                          std::string(text.substr(std::min(end + 1, text.size())))};
  const auto imported = milterd::import_clamav(clamd, clamav_milter);
  const auto file = milterd::ConfigFile::parse(imported.toml, "milterd.toml");
  require(!file->config().stages.empty() || !file->ok(), "the result has its stage");
  for (const auto& problem : file->problems()) {
    require(problem.text.find("syntax") == std::string::npos, "the result is TOML");
  }
  return 0;
}
