#pragma once
/// A milterd.toml that is being written.

#include <string>
#include <string_view>
#include <vector>

namespace milterd {

class TomlDraft {
 public:
  /// With one stage, of this plugin.
  explicit TomlDraft(std::string_view plugin) : plugin_(plugin) {}

  /// `key` is "table.key", or a key of the stage; `value` is TOML. Of two values the later
  /// counts.
  void set(std::string_view key, std::string value);
  bool has(std::string_view key) const;
  /// As it was set; "" where it was not.
  std::string_view value(std::string_view key) const;
  /// Tables in the order of the shipped file; keys in the order in which they were set.
  std::string text() const;

 private:
  struct Line {
    std::string table;  ///< "" for the stage.
    std::string key;
    std::string value;
  };
  std::string table_text(std::string_view table) const;

  std::string plugin_;
  std::vector<Line> lines_;
};

/// `text` as it may stand in a comment of a TOML file: one line of valid UTF-8.
std::string comment_text(std::string_view text);

/// Whether `text` is valid UTF-8, as TOML wants it.
bool is_utf8(std::string_view text);

}  // namespace milterd
