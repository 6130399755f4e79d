#include "milterd/dns/domain_name.hpp"

#include <algorithm>
#include <cstddef>

namespace milterd {
namespace {

constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_label = 63;

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= longest_label &&
         std::ranges::all_of(label, [](char c) { return c > ' ' && c <= '~' && c != '\\'; });
}

}  // namespace

bool is_domain_name(std::string_view name) {
  if (name.ends_with('.')) {
    name.remove_suffix(1);
  }
  if (name.size() > longest_name) {
    return false;
  }
  while (true) {
    const std::size_t dot = name.find('.');
    if (!is_label(name.substr(0, dot))) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    name.remove_prefix(dot + 1);
  }
}

}  // namespace milterd
