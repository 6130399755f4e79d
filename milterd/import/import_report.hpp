#pragma once
/// What is said of each option of another program's configuration.

#include <string>
#include <string_view>
#include <vector>

#include "milterd/import/toml_draft.hpp"
#include "milterd/result.hpp"

namespace milterd {

struct Imported {
  /// A milterd.toml: what became of each option as comments, then the configuration.
  std::string toml;
  /// One line for each option that is refused, unknown or malformed: place, option, why, what to
  /// do.
  std::vector<std::string> faults;
};

class ImportReport {
 public:
  /// `option` is its place, name and value; `word` is what became of it, or why it is refused.
  void add(std::string_view option, const Result<std::string>& word);
  /// A default of the other program: what milterd does where the file is silent.
  void add_silent(std::string_view line);
  /// `source` says how the configuration was made: "milterd --import-... from /path"; `files` is
  /// "that file is" or "those files are".
  Imported finish(std::string_view source, std::string_view files, const TomlDraft& draft) &&;

 private:
  std::string options_;
  std::string silent_;
  std::vector<std::string> faults_;
};

/// Sets the key in `draft` and says so: "honoured as [table] key = value".
std::string honour(TomlDraft& draft, std::string_view key, const std::string& value);

}  // namespace milterd
