#pragma once
/// Section over a table of toml++.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

#include "milterd/config/problem_list.hpp"
#include "milterd/section.hpp"

namespace milterd {

template <class Number>
struct Quantity;

/// Remembers which keys were asked for, and their values, for check_unknown_keys() and print().
class TomlSection final : public Section {
 public:
  /// `path` is the table's name in full, "" for the whole file. `table` may be null: every key is
  /// absent then. `position` is where the table begins. `table` and `problems` outlive the section.
  TomlSection(std::string path, const toml::table* table, SourcePosition position,
              ProblemList& problems);
  TomlSection(const TomlSection&) = delete;
  TomlSection& operator=(const TomlSection&) = delete;
  ~TomlSection() = default;

  bool has(std::string_view key) const override { return find(key) != nullptr; }
  std::string string(std::string_view key, std::string_view otherwise) override;
  bool boolean(std::string_view key, bool otherwise) override;
  std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t least,
                       std::int64_t most) override;
  std::chrono::milliseconds duration(std::string_view key, std::chrono::milliseconds otherwise,
                                     std::chrono::milliseconds least,
                                     std::chrono::milliseconds most) override;
  std::uint64_t size(std::string_view key, std::uint64_t otherwise, std::uint64_t least,
                     std::uint64_t most) override;
  std::size_t choice(std::string_view key, std::size_t otherwise,
                     std::initializer_list<std::string_view> words) override;
  std::vector<std::string> strings(std::string_view key,
                                   std::initializer_list<std::string_view> otherwise) override;
  std::vector<Section*> tables(std::string_view key) override;
  void error(std::string_view key, std::string_view text) override;
  void warning(std::string_view key, std::string_view text) override;

  /// [key]. An empty section where it is absent.
  TomlSection& table(std::string_view key);
  /// The same as tables().
  std::vector<TomlSection*> sections(std::string_view key);

  /// Also in the tables that were asked for.
  void check_unknown_keys();
  /// From now on check_unknown_keys() passes over this section: whoever knows its keys could not
  /// read them.
  void accept_unknown_keys() { accepts_unknown_keys_ = true; }
  /// The keys in the order they were asked for, then the tables. A key that is absent and whose
  /// default cannot be written (it is empty or out of range, so it stands for "not set") becomes a
  /// comment: written out it would no longer be absent.
  std::string print() const;

 private:
  struct KnownKey {
    std::string name;
    std::string value;  ///< As TOML.
    bool is_written;
  };
  struct Child {
    std::string name;
    bool is_array;
    std::unique_ptr<TomlSection> section;
  };

  /// duration() and size().
  template <class Number>
  Number quantity(std::string_view key, Number otherwise, Number least, Number most,
                  const Quantity<Number>& kind);
  const toml::node* find(std::string_view key) const;
  SourcePosition position_of(std::string_view key) const;
  /// "'key' must be WHAT, got ..."
  void refuse(std::string_view key, std::string_view what, const toml::node& node);
  void record(std::string_view key, std::string value, bool is_written);
  TomlSection& add_child(std::string_view key, bool is_array, const toml::table* table,
                         SourcePosition position);
  std::string path_of(std::string_view key) const;

  std::string path_;
  const toml::table* table_;
  SourcePosition position_;
  ProblemList& problems_;
  std::vector<KnownKey> known_keys_;
  std::vector<Child> children_;
  std::set<std::string, std::less<>> tables_asked_for_;
  bool accepts_unknown_keys_ = false;
};

}  // namespace milterd
