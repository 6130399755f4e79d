#include "milterd/import/opendkim_file.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "milterd/ascii.hpp"
#include "milterd/import/import_file.hpp"
#include "milterd/util/nearest_word.hpp"

namespace milterd {
namespace {

constexpr std::size_t most_settings = 10'000;  // Files may include each other many times.
constexpr int deepest = 5;                     // As in opendkim.

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::string unknown_name(std::string_view name) {
  std::vector<std::string_view> names;
  std::ranges::transform(opendkim_options(), std::back_inserter(names), &OpendkimOption::name);
  const auto nearest = nearest_word(name, names);
  return "opendkim has no such option" +
         (nearest ? "; did you mean " + std::string(*nearest) + "?" : std::string());
}

std::string value_fault(const OpendkimOption& option, std::string_view value) {
  constexpr std::string_view yes_or_no = "TtYy1FfNn0";
  if (value.empty()) {
    return "the value is missing";
  }
  if (option.type == OpendkimOption::Type::boolean && !yes_or_no.contains(value.front())) {
    return "the value must begin with one of T, Y, 1, F, N, 0";
  }
  return {};
}

class Reader {
 public:
  void read(std::string_view text, const std::string& path, int depth) {
    for (std::size_t number = 1; !text.empty(); ++number) {
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
      read_line(trim(line.substr(0, line.find_first_of("#\r"))),
                path + ":" + std::to_string(number), depth);
    }
  }

  std::vector<OpendkimSetting> take() { return std::move(settings_); }

 private:
  void read_line(std::string_view line, std::string place, int depth) {
    if (line.empty() || settings_.size() >= most_settings) {
      return;
    }
    const std::size_t blank = line.find_first_of(" \t");
    OpendkimSetting setting;
    setting.name = line.substr(0, blank);
    setting.value = blank == std::string_view::npos ? std::string_view{} : trim(line.substr(blank));
    setting.place = std::move(place);
    setting.option = find_opendkim_option(setting.name);
    setting.fault = setting.option == nullptr ? unknown_name(setting.name)
                                              : value_fault(*setting.option, setting.value);
    const bool includes = setting.option != nullptr &&
                          setting.option->fate == OpendkimOption::Fate::include &&
                          setting.fault.empty();
    if (!includes) {
      settings_.push_back(std::move(setting));
      if (settings_.size() == most_settings) {
        settings_.back().fault = "these are too many options; nothing behind this one is read";
      }
      return;
    }
    if (depth == deepest) {
      setting.fault = "files include each other more than 5 levels deep";
    }
    const std::string path = setting.value;
    Result<std::string> text =
        setting.fault.empty() ? read_import_file(path) : Result<std::string>("");
    if (!text) {
      setting.fault = text.error().message;
    }
    settings_.push_back(std::move(setting));
    if (text) {
      read(*text, path, depth + 1);
    }
  }

  std::vector<OpendkimSetting> settings_;
};

}  // namespace

std::vector<OpendkimSetting> parse_opendkim_text(std::string_view text, const std::string& path) {
  Reader reader;
  reader.read(text, path, 0);
  return reader.take();
}

Result<std::vector<OpendkimSetting>> read_opendkim_file(const std::string& path) {
  auto text = read_import_file(path);
  if (!text) {
    return std::unexpected(std::move(text.error()));
  }
  return parse_opendkim_text(*text, path);
}

}  // namespace milterd
