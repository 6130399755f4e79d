#include "milterd/config/fault_text.hpp"

#include <cstddef>

#include "milterd/util/nearest_word.hpp"
#include "milterd/util/utf8.hpp"

namespace milterd {

std::string describe(const toml::node& node) {
  constexpr std::size_t most_bytes = 60;
  switch (node.type()) {
    case toml::node_type::string: {
      const std::string& text = node.as_string()->get();
      const std::string_view shown = cut_utf8(text, most_bytes);
      return '"' + std::string(shown) + (shown.size() < text.size() ? "...\"" : "\"");
    }
    case toml::node_type::integer: return std::to_string(node.as_integer()->get());
    case toml::node_type::boolean: return node.as_boolean()->get() ? "true" : "false";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::array: return node.is_array_of_tables() ? "tables" : "a list";
    case toml::node_type::table: return "a table";
    case toml::node_type::none:
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: break;
  }
  return "a date or time";
}

std::string either_of(std::span<const std::string_view> words) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) {
      result += i + 1 == words.size() ? " or " : ", ";
    }
    result += words[i];
  }
  return result;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const auto nearest = nearest_word(word, known);
  return nearest ? "; did you mean '" + std::string(*nearest) + "'?" : std::string();
}

}  // namespace milterd
