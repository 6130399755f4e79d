#pragma once
/// A [[stage]] table as the host's reader hands it to a plugin.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/config/config_file.hpp"

namespace milterd::test {

class StageTable {
 public:
  /// `keys` are the plugin's own, as TOML, one in a line.
  explicit StageTable(const std::string& keys)
      : file_(ConfigFile::parse("[[stage]]\nplugin = 'tested'\n" + keys, "milterd.toml")) {}

  Section& section() { return *file_->config().stages.at(0).section; }

  /// "key: text" for each error, unknown keys among them. Where the key is absent, "[[stage]]"
  /// stands for it. To be called once, when the plugin has read the table.
  std::vector<std::string> errors() {
    file_->check_unknown_keys();
    std::vector<std::string> texts;
    for (const Problem& problem : file_->problems()) {
      texts.push_back(key_of(problem.text) + ": " + message_of(problem.text));
    }
    return texts;
  }

  /// As errors(), but a warning is "key: warning: text", wherever it stands.
  std::vector<std::string> problems() {
    constexpr std::string_view mark = ": warning: ";
    std::vector<std::string> texts = errors();
    for (std::string& text : texts) {
      const std::size_t place = text.find(": milterd.toml:");
      const std::size_t begin = text.find(mark);
      if (place != std::string::npos && begin != std::string::npos) {
        text.erase(place, begin - place);
      }
    }
    return texts;
  }

  /// The plugin's own keys as --print-config shows them.
  std::string printed() const {
    const std::string text = file_->print();
    constexpr std::string_view last_of_the_host = "shadow = false\n";
    return text.substr(text.find(last_of_the_host) + last_of_the_host.size());
  }

 private:
  /// From the line of the file that the problem shows: "    3 | key = value".
  static std::string key_of(const std::string& problem) {
    constexpr std::string_view margin = " | ";
    const std::size_t begin = problem.find(margin, problem.find('\n')) + margin.size();
    const std::string line = problem.substr(begin, problem.find('\n', begin) - begin);
    return line.substr(0, line.find(" = "));
  }
  /// Of "milterd.toml:3:7: error: text" the text.
  static std::string message_of(const std::string& problem) {
    constexpr std::string_view mark = ": error: ";
    const std::string line = problem.substr(0, problem.find('\n'));
    const std::size_t begin = line.find(mark);
    return begin == std::string::npos ? line : line.substr(begin + mark.size());
  }

  std::unique_ptr<ConfigFile> file_;
};

}  // namespace milterd::test
