#pragma once
/// KeyTable: which keys there are (opendkim.conf(5)).

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/section.hpp"
#include "plugins/common/data_set.hpp"
#include "plugins/dkim/keys/key_reader.hpp"
#include "plugins/dkim/keys/signing_key.hpp"

namespace milterd::dkim {

class KeyTable {
 public:
  struct Entry {
    using Key = std::shared_ptr<const SigningKey>;
    std::string name;
    std::string domain;  ///< Lower case; "%": the sender's.
    std::string selector;
    std::string place;       ///< Where it stands, for texts.
    Key key;                 ///< Null: see key_of_domain, or the row has a fault.
    bool by_domain = false;  ///< Each sender's domain has a key file of its own, or none.
    std::map<std::string, Key, std::less<>> key_of_domain;

    /// For mail of `domain`; null where there is none.
    Key key_for(std::string_view domain) const;
  };

  /// Reads the data set `specification`, which is what `key_table` says, and all its keys. Faults
  /// go to section.error(), each with file and line.
  KeyTable(Section& section, std::string_view specification, KeyReader& keys);

  /// Whether all rows are sound.
  bool is_sound() const { return sound_; }
  /// Null where there is no such key. Letter case counts, as in opendkim.
  const Entry* find(std::string_view name) const;
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  void add(Section& section, const DataEntry& row, KeyReader& keys);
  void read_key(Section& section, Entry& entry, std::string_view key, KeyReader& keys);
  void complain(Section& section, const std::string& text);

  bool sound_ = true;
  std::vector<Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> positions_;  ///< In entries_, by name.
};

}  // namespace milterd::dkim
