#pragma once
/// The header of one message: ordered fields, counted the ways the milter protocol counts them.

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"

namespace milterd {

/// Life: append() for each field received, complete() once, then edits.
///
/// The MTA's own Received field is not shown to filters but stands in its list, and insert
/// positions count it. So this list remembers how many fields have been put above it.
///
/// Views of fields stay valid as long as the list lives, also those of fields that were edited
/// away. Not thread-safe.
class HeaderList {
 public:
  /// What a stage's edits can be taken back to.
  struct Snapshot {
    std::vector<HeaderField> fields;
    std::size_t above = 0;
  };

  HeaderList() = default;
  ~HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  /// `value` is everything after the colon; folds by LF alone become CRLF.
  void append(std::string_view name, std::string_view value);
  void complete();

  std::span<const HeaderField> fields() const { return fields_; }
  /// All fields as received, each with its CRLF.
  std::string_view received() const { return block_; }
  /// Bytes and fields received so far.
  std::size_t size() const { return block_.size(); }
  std::size_t count() const { return received_.size(); }

  /// Where the n-th field of this name stands, n from 1.
  std::optional<std::size_t> find(std::string_view name, std::size_t occurrence) const;

  /// The insert position at which a field would take the place of fields()[index].
  std::size_t position_of(std::size_t index) const { return index < above_ ? index : index + 1; }

  /// The edits return what the milter protocol calls the place: for insert the position, limited to
  /// the end of the list; for change and erase the occurrence among the fields of the same name, as
  /// the MTA counts them at that moment. Errors: a name or value that no header can hold, an index
  /// that is not there.
  Result<> add(std::string_view name, std::string_view value);
  Result<std::size_t> insert(std::size_t position, std::string_view name, std::string_view value);
  Result<std::size_t> change(std::size_t index, std::string_view value);
  /// With the name in another case.
  Result<std::size_t> change(std::size_t index, std::string_view name, std::string_view value);
  Result<std::size_t> erase(std::size_t index);
  /// The field that add(), insert() or change() wrote last.
  HeaderField written() const { return {written_.back(), written_name_size_}; }

  /// Whether values are written without a space in front of them.
  bool exact() const { return exact_; }
  void set_exact(bool exact) { exact_ = exact; }

  Snapshot snapshot() const { return {fields_, above_}; }
  void restore(Snapshot snapshot);

 private:
  struct Extent {
    std::size_t begin, name_size, size;
  };
  Result<std::size_t> occurrence(std::size_t index) const;
  Result<HeaderField> make(std::string_view name, std::string_view value);

  std::string block_;
  std::vector<Extent> received_;
  std::vector<HeaderField> fields_;
  std::size_t above_ = 0;
  bool exact_ = false;
  std::size_t written_name_size_ = 0;
  std::deque<std::string> written_;  ///< Texts of edited fields; grows only, so views stay valid.
};

}  // namespace milterd
