#include "milterd/import/import_report.hpp"

#include <cstddef>
#include <utility>

namespace milterd {

void ImportReport::add(std::string_view option, const Result<std::string>& word) {
  const std::string text = comment_text(std::string(option) + ": " +
                                        (word ? *word : "refused: " + word.error().message));
  options_ += "#   " + text + "\n";
  if (!word) {
    faults_.push_back(text);
  }
}

void ImportReport::add_silent(std::string_view line) {
  silent_ += "#   " + std::string(line) + "\n";
}

Imported ImportReport::finish(std::string_view source, std::string_view files,
                              const TomlDraft& draft) && {
  return {.toml = "# Made by " + comment_text(source) +
                  ". Check it with milterd --check-config.\n#\n# What became of each option:\n" +
                  options_ + "#\n# Where " + std::string(files) + " silent:\n" + silent_ + "\n" +
                  draft.text(),
          .faults = std::move(faults_)};
}

std::string honour(TomlDraft& draft, std::string_view key, const std::string& value) {
  const std::size_t dot = key.find('.');
  const std::string name =
      dot == std::string_view::npos
          ? std::string(key)
          : "[" + std::string(key.substr(0, dot)) + "] " + std::string(key.substr(dot + 1));
  draft.set(key, value);
  return "honoured as " + name + " = " + value;
}

}  // namespace milterd
