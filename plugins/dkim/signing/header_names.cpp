#include "plugins/dkim/signing/header_names.hpp"

#include <algorithm>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/common/data_set.hpp"
#include "plugins/dkim/signing/signed_headers.hpp"

namespace milterd::dkim {

namespace {

struct Entry {
  std::string text;
  std::string place;        ///< "'/path' line 3: " of an entry in a data set, else "".
  bool is_pattern = false;  ///< Out of a refile, where "*", "+" and "-" mean nothing else.
};

/// The list with its data sets replaced by what is in them.
std::vector<Entry> read_entries(Section& section, std::string_view key,
                                std::initializer_list<std::string_view> otherwise) {
  std::vector<Entry> entries;
  for (std::string& text : section.strings(key, otherwise)) {
    if (!DataSet::is_specification(text)) {
      entries.push_back({.text = std::move(text), .place = ""});
      continue;
    }
    auto set = DataSet::read(text);
    if (!set) {
      section.error(key, set.error().message);
      continue;
    }
    for (DataEntry& entry : set->entries) {
      entries.push_back({.text = std::move(entry.key),
                         .place = entry.place + ": ",
                         .is_pattern = set->kind == DataSet::Kind::patterns});
    }
  }
  return entries;
}

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*[](|)?{}^$\\") != std::string_view::npos;
}

bool check_name(Section& section, std::string_view key, const Entry& entry, std::string_view name) {
  if (can_be_signed(name)) {
    return true;
  }
  section.error(key, entry.place + "'" + std::string(name) + "' is not the name of a header field");
  return false;
}

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::any_of(
      names, [name](const std::string& one) { return equal_ignoring_case(one, name); });
}

void add(Section& section, std::string_view key, const Entry& entry, std::string_view text,
         HeaderNames& list) {
  if (entry.is_pattern || has_wildcard(text)) {
    if (auto pattern = NamePattern::compile(text)) {
      list.patterns.push_back(std::move(*pattern));
    } else {
      section.error(key, entry.place + pattern.error().message);
    }
  } else if (check_name(section, key, entry, text) && !holds(list.names, text)) {
    list.names.emplace_back(text);
  }
}

void remove(Section& section, std::string_view key, const Entry& entry, std::string_view name,
            HeaderNames& list) {
  const auto gone = std::erase_if(
      list.names, [name](const std::string& one) { return equal_ignoring_case(one, name); });
  if (gone == 0) {
    section.warning(key, entry.place + "'-" + std::string(name) +
                             "' takes nothing away: the default list does not have it");
  }
}

bool is_change(const Entry& entry) {
  return !entry.is_pattern && (entry.text.starts_with('+') || entry.text.starts_with('-'));
}

}  // namespace

bool HeaderNames::contains(std::string_view name) const {
  return holds(names, name) || std::ranges::any_of(patterns, [name](const NamePattern& one) {
           return one.matches(name);
         });
}

HeaderNames read_header_names(Section& section, std::string_view key,
                              std::span<const std::string_view> usual) {
  const std::vector<Entry> entries = read_entries(section, key, {"*"});
  const auto is_star = [](const Entry& entry) { return !entry.is_pattern && entry.text == "*"; };
  const bool differs = std::ranges::any_of(entries, is_star);
  HeaderNames list;
  if (differs) {
    list.names.assign(usual.begin(), usual.end());
  }
  for (const Entry& entry : entries) {
    if (is_star(entry)) {
      continue;
    }
    if (differs != is_change(entry)) {
      section.error(key, entry.place + (differs ? "'" + entry.text +
                                                      "' beside \"*\" is neither \"+NAME\" nor "
                                                      "\"-NAME\"; leave out \"*\" for a whole list"
                                                : "'" + entry.text +
                                                      "' changes the default list: put \"*\" into "
                                                      "the list too"));
    } else if (!differs) {
      add(section, key, entry, entry.text, list);
    } else if (entry.text.front() == '+') {
      add(section, key, entry, std::string_view(entry.text).substr(1), list);
    } else {
      remove(section, key, entry, std::string_view(entry.text).substr(1), list);
    }
  }
  return list;
}

std::vector<std::string> read_plain_header_names(Section& section, std::string_view key,
                                                 std::string_view usual) {
  std::vector<std::string> names;
  for (const Entry& entry : read_entries(section, key, {usual})) {
    if (entry.is_pattern || has_wildcard(entry.text)) {
      section.error(key, entry.place + "'" + entry.text + "' is a pattern: give whole names");
    } else if (check_name(section, key, entry, entry.text) && !holds(names, entry.text)) {
      names.push_back(entry.text);
    }
  }
  return names;
}

}  // namespace milterd::dkim
