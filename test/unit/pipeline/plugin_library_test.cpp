#include "milterd/pipeline/plugin_library.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "test/support/loaded_pipeline.hpp"

using milterd::PluginLibrary;
using milterd::test::CapturedLog;
using milterd::test::fixture_stages;
using milterd::test::LoadedPipeline;

namespace {

std::string load(const std::string& name) {
  CapturedLog log;
  PluginLibrary plugins(fixture_stages());
  const auto loaded = plugins.load(name, log);
  CHECK(plugins.find(name) == nullptr);
  return loaded ? "loaded" : loaded.error().message;
}

}  // namespace

TEST_CASE("plugins: each broken one is refused with what is wrong and what to do") {
  struct Case {
    std::string name, says;
  };
  const std::string built = MILTERD_BUILD_SIGNATURE;
  for (const auto& [name, says] : std::vector<Case>{
           {"wrong_abi",
            "has ABI 999, this milterd needs ABI 1: rebuild the plugin with the headers of this "
            "milterd"},
           {"wrong_build", "was built with (gcc 4, C++ 199711L), this milterd with (" + built +
                               "): rebuild the plugin with the same compiler and settings"},
           {"no_build", "was built with (nothing), this milterd with (" + built +
                            "): rebuild the plugin with the same compiler and settings"},
           {"no_entry", "is no milterd plugin: it does not export milterd_plugin()"},
           {"null_table", "its milterd_plugin() returns nothing: this is a fault of the plugin"},
           {"entry_throws", "throws in milterd_plugin(): from milterd_plugin"},
           {"init_fails", "cannot start: no license found"},
           {"init_throws", "cannot start: throws in process_init: from process_init"},
           {"no_make", "has no make_stage: this is a fault of the plugin"},
           {"wrong_name",
            "calls itself 'something_else': a plugin's file has to be called as the plugin is"},
       }) {
    CHECK(load(name) == "plugin '" + fixture_stages() + "/" + name + ".so' " + says);
  }
}

TEST_CASE("plugins: a file that is not there, no library, or no name") {
  CHECK(load("missing") == "there is no plugin '" + fixture_stages() +
                               "/missing.so': is 'plugin_directory' right, is it installed?");
  CHECK(load("../x") == "'../x' cannot be the name of a plugin: letters, digits, _ and -");
  CHECK(load("") == "'' cannot be the name of a plugin: letters, digits, _ and -");

  const std::string directory = std::filesystem::temp_directory_path() / "milterd_plugin_test";
  std::filesystem::create_directory(directory);
  std::ofstream(directory + "/text.so") << "this is no shared object\n";
  CapturedLog log;
  PluginLibrary plugins(directory);
  const auto loaded = plugins.load("text", log);
  REQUIRE_FALSE(loaded);
  CHECK(
      loaded.error().message.starts_with("plugin '" + directory + "/text.so' cannot be loaded: "));
  std::filesystem::remove_all(directory);
}

TEST_CASE("plugins: a good one loads once; after the seal nothing new does") {
  CapturedLog log;
  PluginLibrary plugins(fixture_stages());
  REQUIRE(plugins.load("scripted", log));
  REQUIRE(plugins.load("scripted", log));
  CHECK(log.count("plugin.loaded") == 1);
  REQUIRE(plugins.find("scripted") != nullptr);
  plugins.seal();
  CHECK(plugins.load("scripted", log));
  CHECK(plugins.load("makes_nothing", log).error().message ==
        "plugin 'makes_nothing' is not loaded, and plugins are loaded at start only: restart "
        "milterd");
}

TEST_CASE("pipeline: a stage that cannot be made is a fault of the configuration, all in one run") {
  const LoadedPipeline loaded(
      "[[stage]]\nplugin = \"makes_nothing\"\n"
      "[[stage]]\nplugin = \"make_fails\"\n"
      "[[stage]]\nplugin = \"make_throws\"\n"
      "[[stage]]\nplugin = \"wrong_abi\"\n"
      "[[stage]]\nplugin = \"scripted\"\nverdict = \"maybe\"\n");
  CHECK(loaded.pipeline == nullptr);
  const std::string problems = loaded.problems();
  CHECK(problems.find("the plugin made no stage and gave no reason") != std::string::npos);
  CHECK(problems.find("told to fail") != std::string::npos);
  CHECK(problems.find("the plugin threw: from make_stage") != std::string::npos);
  CHECK(problems.find("milterd.toml:8:") != std::string::npos);
  CHECK(problems.find("has ABI 999") != std::string::npos);
  CHECK(problems.find("milterd.toml:11:") != std::string::npos);
}
