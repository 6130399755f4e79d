#pragma once
/// Pieces of what a user reads about a wrong key or value.

#include <span>
#include <string>
#include <string_view>
#include <toml++/toml.h>

namespace milterd {

/// What stands in the file, for "got ...". Long strings are cut.
std::string describe(const toml::node& node);
/// "a, b or c"
std::string either_of(std::span<const std::string_view> words);
/// "; did you mean 'x'?", or "" where nothing known is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace milterd
