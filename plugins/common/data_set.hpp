#pragma once
/// Sets and tables in opendkim's formats (opendkim(8), "Data Sets").

#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"

namespace milterd {

struct DataEntry {
  std::string key;
  std::string value;  ///< Behind the first white space (files) or "=" (lists of pairs); "" if none.
  std::string place;  ///< For error texts: "'/etc/opendkim/KeyTable' line 12", "entry 3".
};

/// A data set, read whole. The prefix says what it is, else its look does, as in opendkim.
struct DataSet {
  enum class Kind : unsigned char {
    list,      ///< "csl:a,b=c" or anything that is no path
    file,      ///< "file:/path" or "/path"
    patterns,  ///< "refile:/path": keys are patterns, see name_pattern.hpp
  };
  Kind kind = Kind::list;
  std::vector<DataEntry> entries;  ///< In the order of the source.

  /// Error: why it cannot be read, or that this type (db:, ldap:, lua:, ...) is not supported and
  /// what to do.
  static Result<DataSet> read(std::string_view specification);

  /// Whether an item of a list of names is no name but a data set: a path, with a prefix, or with
  /// commas.
  static bool is_specification(std::string_view item);
};

}  // namespace milterd
