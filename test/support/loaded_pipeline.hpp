#pragma once
/// A pipeline of fixture stages from a configuration text.

#include <cstdlib>
#include <doctest/doctest.h>
#include <memory>
#include <string>

#include "milterd/pipeline/pipeline.hpp"
#include "test/support/captured_log.hpp"

namespace milterd::test {

/// For stages that ask no DNS.
class NoResolver final : public Resolver {
 public:
  std::unique_ptr<TxtLookup> lookup_txt(std::string_view /*name*/) override { return nullptr; }
};

inline std::string fixture_stages() {
  const char* directory = std::getenv("FIXTURE_STAGES");  // NOLINT(concurrency-mt-unsafe): at start
  return directory == nullptr ? "." : directory;
}

struct LoadedPipeline {
  CapturedLog log;
  NoResolver resolver;
  PluginLibrary plugins{fixture_stages()};
  std::unique_ptr<ConfigFile> file;
  std::shared_ptr<Pipeline> pipeline;  ///< Null if the file has faults.

  explicit LoadedPipeline(const std::string& text, const Pipeline* previous = nullptr)
      : file(ConfigFile::parse(text, "milterd.toml")) {
    Pipeline::load_plugins(*file, plugins, log);
    pipeline = Pipeline::build(*file, plugins, previous, Load::now, resolver, log);
  }
  std::string problems() const {
    std::string all;
    for (const Problem& problem : file->problems()) {
      all += problem.text + "\n";
    }
    return all;
  }
};

}  // namespace milterd::test
