#include "plugins/clamav/database/pua_categories.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace milterd::clamav {
namespace {

constexpr std::string_view prefix = "PUA.";

/// `middle` is ".Win.Tool." of PUA.Win.Tool.Name.
bool is_in(std::string_view middle, const std::vector<std::string>& categories) {
  return std::ranges::any_of(categories, [&](const std::string& category) {
    return middle.contains("." + category + ".");
  });
}

}  // namespace

bool is_wanted(std::string_view signature, const EngineSettings& settings) {
  if (!signature.starts_with(prefix)) {
    return true;
  }
  const std::size_t begin = prefix.size() - 1;
  const std::string_view middle = signature.substr(begin, signature.rfind('.') + 1 - begin);
  return (settings.include_pua.empty() || is_in(middle, settings.include_pua)) &&
         !is_in(middle, settings.exclude_pua);
}

}  // namespace milterd::clamav
