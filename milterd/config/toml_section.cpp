#include "milterd/config/toml_section.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "milterd/config/fault_text.hpp"
#include "milterd/config/toml_writer.hpp"
#include "milterd/util/units.hpp"

namespace milterd {

/// How a string with a unit is read and shown.
template <class Number>
struct Quantity {
  std::string_view what;
  Result<Number> (*parse)(std::string_view text);
  std::string (*format)(Number number);
  Number open_end;  ///< Stands for "no upper end".
};

namespace {

SourcePosition begin_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

constexpr Quantity<std::chrono::milliseconds> duration_quantity{
    "a duration in quotes such as \"30s\"", parse_duration, format_duration,
    std::chrono::milliseconds::max()};
constexpr Quantity<std::uint64_t> size_quantity{"a size in quotes such as \"25MiB\"", parse_size,
                                                format_size,
                                                std::numeric_limits<std::uint64_t>::max()};

/// "least..most"
std::string range(const std::string& least, const std::string& most, bool is_open) {
  return is_open ? "at least " + least : least + ".." + most;
}

}  // namespace

TomlSection::TomlSection(std::string path, const toml::table* table, SourcePosition position,
                         ProblemList& problems)
    : path_(std::move(path)), table_(table), position_(position), problems_(problems) {}

std::string TomlSection::string(std::string_view key, std::string_view otherwise) {
  std::string value(otherwise);
  const toml::node* node = find(key);
  if (node != nullptr && node->is_string()) {
    value = node->as_string()->get();
  } else if (node != nullptr) {
    refuse(key, "a string", *node);
  }
  record(key, write_toml_string(value), node != nullptr || !value.empty());
  return value;
}

bool TomlSection::boolean(std::string_view key, bool otherwise) {
  bool value = otherwise;
  const toml::node* node = find(key);
  if (node != nullptr && node->is_boolean()) {
    value = node->as_boolean()->get();
  } else if (node != nullptr) {
    refuse(key, "true or false", *node);
  }
  record(key, value ? "true" : "false", true);
  return value;
}

std::int64_t TomlSection::integer(std::string_view key, std::int64_t otherwise, std::int64_t least,
                                  std::int64_t most) {
  const std::string legal = range(std::to_string(least), std::to_string(most),
                                  most == std::numeric_limits<std::int64_t>::max());
  std::int64_t value = otherwise;
  const toml::node* node = find(key);
  if (node != nullptr && !node->is_integer()) {
    refuse(key, "a whole number, " + legal, *node);
  } else if (node != nullptr) {
    const std::int64_t given = node->as_integer()->get();
    if (given < least || given > most) {
      refuse(key, legal, *node);
    } else {
      value = given;
    }
  }
  record(key, std::to_string(value), node != nullptr || (value >= least && value <= most));
  return value;
}

template <class Number>
Number TomlSection::quantity(std::string_view key, Number otherwise, Number least, Number most,
                             const Quantity<Number>& kind) {
  Number value = otherwise;
  const toml::node* node = find(key);
  if (node != nullptr && !node->is_string()) {
    refuse(key, kind.what, *node);
  } else if (node != nullptr) {
    const auto given = kind.parse(node->as_string()->get());
    if (!given) {
      error(key, "'" + std::string(key) + "': " + given.error().message);
    } else if (*given < least || *given > most) {
      refuse(key, range(kind.format(least), kind.format(most), most == kind.open_end), *node);
    } else {
      value = *given;
    }
  }
  record(key, write_toml_string(kind.format(value)),
         node != nullptr || (value >= least && value <= most));
  return value;
}

std::chrono::milliseconds TomlSection::duration(std::string_view key,
                                                std::chrono::milliseconds otherwise,
                                                std::chrono::milliseconds least,
                                                std::chrono::milliseconds most) {
  return quantity(key, otherwise, least, most, duration_quantity);
}

std::uint64_t TomlSection::size(std::string_view key, std::uint64_t otherwise, std::uint64_t least,
                                std::uint64_t most) {
  return quantity(key, otherwise, least, most, size_quantity);
}

std::size_t TomlSection::choice(std::string_view key, std::size_t otherwise,
                                std::initializer_list<std::string_view> words) {
  const std::span<const std::string_view> known(words.begin(), words.size());
  std::size_t value = otherwise;
  const toml::node* node = find(key);
  if (node != nullptr && !node->is_string()) {
    refuse(key, either_of(known), *node);
  } else if (node != nullptr) {
    const std::string& given = node->as_string()->get();
    const auto found = std::ranges::find(known, given);
    if (found == known.end()) {
      error(key, "'" + std::string(key) + "' must be " + either_of(known) + ", got " +
                     describe(*node) + did_you_mean(given, known));
    } else {
      value = static_cast<std::size_t>(found - known.begin());
    }
  }
  const bool is_word = value < known.size();
  record(key, write_toml_string(is_word ? known[value] : ""), is_word);
  return value;
}

std::vector<std::string> TomlSection::strings(std::string_view key,
                                              std::initializer_list<std::string_view> otherwise) {
  std::vector<std::string> values(otherwise.begin(), otherwise.end());
  const toml::node* node = find(key);
  if (node != nullptr && node->is_string()) {
    values.assign(1, node->as_string()->get());
  } else if (node != nullptr && node->is_array()) {
    std::vector<std::string> given;
    for (const toml::node& element : *node->as_array()) {
      if (element.is_string()) {
        given.push_back(element.as_string()->get());
      } else {
        problems_.add_error(
            begin_of(element.source()),
            "'" + std::string(key) + "' must hold strings only, got " + describe(element));
      }
    }
    if (given.size() == node->as_array()->size()) {
      values = std::move(given);
    }
  } else if (node != nullptr) {
    refuse(key, "a string or a list of strings", *node);
  }
  record(key, write_toml_list(values), node != nullptr || !values.empty());
  return values;
}

std::vector<Section*> TomlSection::tables(std::string_view key) {
  const std::vector<TomlSection*> found = sections(key);
  return {found.begin(), found.end()};
}

std::vector<TomlSection*> TomlSection::sections(std::string_view key) {
  const toml::node* node = find(key);
  if (tables_asked_for_.emplace(key).second && node != nullptr) {
    const toml::array* list = node->as_array();
    if (list != nullptr && (list->empty() || node->is_array_of_tables())) {
      for (const toml::node& element : *list) {
        add_child(key, true, element.as_table(), begin_of(element.source()));
      }
    } else {
      refuse(key, "a list of tables, each written [[" + path_of(key) + "]]", *node);
    }
  }
  std::vector<TomlSection*> found;
  for (const Child& child : children_) {
    if (child.name == key) {
      found.push_back(child.section.get());
    }
  }
  return found;
}

TomlSection& TomlSection::table(std::string_view key) {
  tables_asked_for_.emplace(key);
  const toml::node* node = find(key);
  if (node != nullptr && !node->is_table()) {
    refuse(key, "one table, written [" + path_of(key) + "]", *node);
  }
  const toml::table* table = node != nullptr ? node->as_table() : nullptr;
  return add_child(key, false, table,
                   table != nullptr ? begin_of(table->source()) : SourcePosition{});
}

void TomlSection::error(std::string_view key, std::string_view text) {
  problems_.add_error(position_of(key), text);
}

void TomlSection::warning(std::string_view key, std::string_view text) {
  problems_.add_warning(position_of(key), text);
}

void TomlSection::check_unknown_keys() {
  if (table_ == nullptr || accepts_unknown_keys_) {
    return;
  }
  std::vector<std::string_view> known;
  for (const KnownKey& key : known_keys_) {
    known.push_back(key.name);
  }
  known.insert(known.end(), tables_asked_for_.begin(), tables_asked_for_.end());
  for (const auto& [key, node] : *table_) {
    if (std::ranges::find(known, key.str()) != known.end()) {
      continue;
    }
    const std::string kind = node.is_table() || node.is_array_of_tables() ? "table" : "key";
    std::string advice = did_you_mean(key.str(), known);
    if (advice.empty()) {
      advice = known.empty() ? "; nothing is known here" : "; known here: " + either_of(known);
    }
    problems_.add_error(begin_of(key.source()),
                        "unknown " + kind + " '" + std::string(key.str()) + "'" + advice);
  }
  for (const Child& child : children_) {
    child.section->check_unknown_keys();
  }
}

std::string TomlSection::print() const {
  std::string text;
  for (const KnownKey& key : known_keys_) {
    text += (key.is_written ? "" : "# ") + key.name + " = " + key.value + "\n";
  }
  for (const Child& child : children_) {
    const std::string path = path_of(child.name);
    text +=
        (text.empty() ? "" : "\n") + (child.is_array ? "[[" + path + "]]\n" : "[" + path + "]\n");
    text += child.section->print();
  }
  return text;
}

const toml::node* TomlSection::find(std::string_view key) const {
  return table_ != nullptr ? table_->get(key) : nullptr;
}

SourcePosition TomlSection::position_of(std::string_view key) const {
  const toml::node* node = key.empty() ? nullptr : find(key);
  return node != nullptr ? begin_of(node->source()) : position_;
}

void TomlSection::refuse(std::string_view key, std::string_view what, const toml::node& node) {
  error(key, "'" + std::string(key) + "' must be " + std::string(what) + ", got " + describe(node));
}

void TomlSection::record(std::string_view key, std::string value, bool is_written) {
  const auto known = std::ranges::find(known_keys_, key, &KnownKey::name);
  if (known != known_keys_.end()) {
    *known = {std::string(key), std::move(value), is_written};
  } else {
    known_keys_.push_back({std::string(key), std::move(value), is_written});
  }
}

TomlSection& TomlSection::add_child(std::string_view key, bool is_array, const toml::table* table,
                                    SourcePosition position) {
  children_.push_back({std::string(key), is_array,
                       std::make_unique<TomlSection>(path_of(key), table, position, problems_)});
  return *children_.back().section;
}

std::string TomlSection::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

}  // namespace milterd
