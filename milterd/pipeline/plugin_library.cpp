#include "milterd/pipeline/plugin_library.hpp"

#include <algorithm>
#include <dlfcn.h>
#include <exception>
#include <unistd.h>

namespace milterd {
namespace {

std::string text_of(const char* text) { return text == nullptr ? "nothing" : text; }

bool is_plugin_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

/// What is wrong with a table that a plugin handed out; empty if nothing.
std::string fault_of(const Plugin* plugin, std::string_view name) {
  if (plugin == nullptr) {
    return "its milterd_plugin() returns nothing: this is a fault of the plugin";
  }
  if (plugin->abi != abi_version) {
    return "has ABI " + std::to_string(plugin->abi) + ", this milterd needs ABI " +
           std::to_string(abi_version) + ": rebuild the plugin with the headers of this milterd";
  }
  if (plugin->build == nullptr || std::string_view(plugin->build) != MILTERD_BUILD_SIGNATURE) {
    return "was built with (" + text_of(plugin->build) + "), this milterd with (" +
           MILTERD_BUILD_SIGNATURE + "): rebuild the plugin with the same compiler and settings";
  }
  if (plugin->name == nullptr || name != plugin->name) {
    return "calls itself '" + text_of(plugin->name) +
           "': a plugin's file has to be called as the plugin is";
  }
  if (plugin->make_stage == nullptr) {
    return "has no make_stage: this is a fault of the plugin";
  }
  return {};
}

/// Runs code of a plugin that must not throw but may.
template <class F>
Result<> guarded(const char* what, F&& run) {
  try {
    return run();
  } catch (const std::exception& error) {
    return fail(std::string("throws in ") + what + ": " + error.what());
  } catch (...) {
    return fail(std::string("throws in ") + what);
  }
}

}  // namespace

Result<> PluginLibrary::load(std::string_view name, Logger& log) {
  if (find(name) != nullptr) {
    return {};
  }
  if (!is_plugin_name(name)) {
    return fail("'" + std::string(name) +
                "' cannot be the name of a plugin: letters, digits, _ and -");
  }
  if (sealed_) {
    return fail("plugin '" + std::string(name) +
                "' is not loaded, and plugins are loaded at start only: restart milterd");
  }
  const std::string stem(name);
  std::string path = directory_ + "/" + stem + ".so";
  if (::access(path.c_str(), F_OK) != 0) {
    const std::string in_build_tree = directory_ + "/" + stem + "/" + stem + ".so";
    if (::access(in_build_tree.c_str(), F_OK) != 0) {
      return fail("there is no plugin '" + path +
                  "': is 'plugin_directory' right, is it installed?");
    }
    path = in_build_tree;
  }
  const std::string plugin_at = "plugin '" + path + "' ";
  // Never closed: objects made by its code, and libraries' thread-local state, live to the end.
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    return fail(plugin_at + "cannot be loaded: " + text_of(::dlerror()));
  }
  const auto entry =
      reinterpret_cast<decltype(&milterd_plugin)>(::dlsym(library, "milterd_plugin"));
  if (entry == nullptr) {
    return fail(plugin_at + "is no milterd plugin: it does not export milterd_plugin()");
  }
  const Plugin* plugin = nullptr;
  auto asked = guarded("milterd_plugin()", [&]() -> Result<> {
    plugin = entry();
    return {};
  });
  if (!asked) {
    return fail(plugin_at + asked.error().message);
  }
  if (const std::string fault = fault_of(plugin, name); !fault.empty()) {
    return fail(plugin_at + fault);
  }
  if (plugin->process_init != nullptr) {
    if (auto ready = guarded("process_init", [&] { return plugin->process_init(log); }); !ready) {
      return fail(plugin_at + "cannot start: " + ready.error().message);
    }
  }
  plugins_.emplace(stem, plugin);
  log.debug("plugin.loaded",
            {{"plugin", name}, {"file", path}, {"version", text_of(plugin->version)}});
  return {};
}

const Plugin* PluginLibrary::find(std::string_view name) const {
  const auto found = plugins_.find(name);
  return found == plugins_.end() ? nullptr : found->second;
}

}  // namespace milterd
