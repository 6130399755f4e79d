#pragma once
/// A stage's table of the configuration file, while it is read.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace milterd {

/// Every getter returns the value of `key`, or the default where the key is absent. A value of the
/// wrong type or out of range is recorded as an error with its place in the file, and the default
/// is returned, so that reading goes on and the user sees every fault in one run. The getters that
/// were called are the keys that exist: any other key in the table is reported as unknown, and
/// --print-config prints them with the value they gave. So read all keys, in the order in which
/// they should be printed, whatever their values.
class Section {
 public:
  virtual bool has(std::string_view key) const = 0;

  virtual std::string string(std::string_view key, std::string_view otherwise) = 0;
  virtual bool boolean(std::string_view key, bool otherwise) = 0;
  virtual std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t least,
                               std::int64_t most) = 0;
  /// "500ms", "30s", "5m", "2h", "1d".
  virtual std::chrono::milliseconds duration(std::string_view key,
                                             std::chrono::milliseconds otherwise,
                                             std::chrono::milliseconds least,
                                             std::chrono::milliseconds most) = 0;
  /// "100B", "64KiB", "25MiB", "1GiB"; in bytes.
  virtual std::uint64_t size(std::string_view key, std::uint64_t otherwise, std::uint64_t least,
                             std::uint64_t most) = 0;
  /// One word of `words`; its position there.
  virtual std::size_t choice(std::string_view key, std::size_t otherwise,
                             std::initializer_list<std::string_view> words) = 0;
  /// A list of strings; a single string is a list of one.
  virtual std::vector<std::string> strings(std::string_view key,
                                           std::initializer_list<std::string_view> otherwise) = 0;
  /// [[stage.key]]: an array of tables. They live as long as this section.
  virtual std::vector<Section*> tables(std::string_view key) = 0;

  /// Records an error about what stands at `key` (at the table itself where it is absent). `text`
  /// is one line: what is wrong and what would be right; the host adds file, line and caret.
  virtual void error(std::string_view key, std::string_view text) = 0;
  /// The same for what is legal but surely not meant.
  virtual void warning(std::string_view key, std::string_view text) = 0;

 protected:
  ~Section() = default;
};

}  // namespace milterd
