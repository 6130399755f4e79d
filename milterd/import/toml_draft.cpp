#include "milterd/import/toml_draft.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "milterd/util/utf8.hpp"

namespace milterd {
namespace {

struct KeyName {
  std::string_view table;
  std::string_view key;
};

KeyName split(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? KeyName{{}, name}
                                       : KeyName{name.substr(0, dot), name.substr(dot + 1)};
}

}  // namespace

void TomlDraft::set(std::string_view key, std::string value) {
  const KeyName name = split(key);
  const auto found = std::ranges::find_if(
      lines_, [&](const Line& line) { return line.table == name.table && line.key == name.key; });
  if (found != lines_.end()) {
    found->value = std::move(value);
    return;
  }
  lines_.push_back({std::string(name.table), std::string(name.key), std::move(value)});
}

bool TomlDraft::has(std::string_view key) const { return !value(key).empty(); }

std::string_view TomlDraft::value(std::string_view key) const {
  const KeyName name = split(key);
  const auto found = std::ranges::find_if(
      lines_, [&](const Line& line) { return line.table == name.table && line.key == name.key; });
  return found == lines_.end() ? std::string_view{} : found->value;
}

std::string TomlDraft::table_text(std::string_view table) const {
  std::string text;
  for (const Line& line : lines_) {
    if (line.table == table) {
      text += line.key + " = " + line.value + "\n";
    }
  }
  return text;
}

std::string TomlDraft::text() const {
  constexpr std::array<std::string_view, 4> tables = {"milter", "limits", "dns", "log"};
  std::string text;
  for (const std::string_view table : tables) {
    if (const std::string lines = table_text(table); !lines.empty()) {
      text += "[" + std::string(table) + "]\n" + lines + "\n";
    }
  }
  return text + "[[stage]]\nplugin = \"" + plugin_ + "\"\n" + table_text("");
}

std::string comment_text(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (point.size == 0 || acts_on_display(point.value)) {
      result += '?';
    } else {
      result += text.substr(0, point.size);
    }
    text.remove_prefix(std::max<std::size_t>(point.size, 1));
  }
  return result;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = first_code_point(text).size;
    if (size == 0) {
      return false;
    }
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace milterd
