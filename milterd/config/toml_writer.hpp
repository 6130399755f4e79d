#pragma once
/// Values as TOML writes them.

#include <span>
#include <string>
#include <string_view>

namespace milterd {

/// A basic string. `text` is UTF-8.
std::string write_toml_string(std::string_view text);
/// A list of basic strings, in one line.
std::string write_toml_list(std::span<const std::string> texts);

}  // namespace milterd
