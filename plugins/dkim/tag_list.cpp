#include "plugins/dkim/tag_list.hpp"

#include <algorithm>
#include <cstddef>

#include "milterd/ascii.hpp"

namespace milterd::dkim {

namespace {

constexpr std::size_t most_tags = 64;
constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_domain = 253;
constexpr std::size_t longest_label = 63;

/// Folding white space at the front of `text`: its length. A line end without a blank after it is
/// none.
std::size_t leading_space(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_space(text[at])) {
      ++at;
    } else if (text.substr(at).starts_with("\r\n") && at + 2 < text.size() &&
               is_space(text[at + 2])) {
      at += 3;
    } else {
      break;
    }
  }
  return at;
}

bool is_value_character(char c) { return c > ' ' && c < 0x7f && c != ';'; }

}  // namespace

Result<TagList> TagList::parse(std::string_view text) {
  TagList list;
  std::size_t at = leading_space(text);
  while (at < text.size()) {
    const std::size_t begin = at;
    while (at < text.size() && (is_alphanumeric(text[at]) || text[at] == '_')) {
      ++at;
    }
    const std::string_view name = text.substr(begin, at - begin);
    if (name.empty() || !is_letter(name.front()) || name.size() > longest_name) {
      return fail("a tag name is malformed");
    }
    at += leading_space(text.substr(at));
    if (at == text.size() || text[at] != '=') {
      return fail("tag " + std::string(name) + " has no =");
    }
    ++at;
    std::string value;
    while (at < text.size() && text[at] != ';') {
      if (const std::size_t space = leading_space(text.substr(at)); space > 0) {
        at += space;
      } else if (is_value_character(text[at])) {
        value += text[at++];
      } else {
        return fail("tag " + std::string(name) + "= has a byte that may not be there");
      }
    }
    if (list.find(name) != nullptr) {
      return fail("tag " + std::string(name) + "= comes twice");
    }
    if (list.tags_.size() == most_tags) {
      return fail("more than " + std::to_string(most_tags) + " tags");
    }
    list.tags_.emplace_back(name, std::move(value));
    if (at < text.size()) {
      ++at;
    }
    at += leading_space(text.substr(at));
  }
  return list;
}

const std::string* TagList::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(tags_, [name](const auto& tag) { return tag.first == name; });
  return found == tags_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> split_at_colons(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
       colon = text.find(':')) {
    parts.push_back(text.substr(0, colon));
    text.remove_prefix(colon + 1);
  }
  parts.push_back(text);
  return parts;
}

bool is_base64(std::string_view text) {
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
    text.remove_suffix(1);
  }
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '+' || c == '/';
  });
}

bool is_domain_name(std::string_view text) {
  if (text.size() > longest_domain) {
    return false;
  }
  std::size_t label = 0;
  for (const char c : text) {
    if (c == '.') {
      if (label == 0) {
        return false;
      }
      label = 0;
    } else if (!(is_alphanumeric(c) || c == '-' || c == '_') || ++label > longest_label) {
      return false;
    }
  }
  return label > 0;
}

}  // namespace milterd::dkim
