#pragma once
/// Reads the private keys of a configuration, each once, and looks whether they are fit for use.

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/section.hpp"
#include "plugins/dkim/keys/key_file_safety.hpp"
#include "plugins/dkim/keys/signing_key.hpp"

namespace milterd::dkim {

/// Where a key is configured, for texts.
struct KeyPlace {
  std::string_view setting;  ///< The key of the configuration file.
  std::string place;  ///< "'/etc/milterd/KeyTable' line 3: "; "" where `setting` says it all.
};

class KeyReader {
 public:
  KeyReader(Section& section, bool require_safe_keys)
      : section_(section),
        require_safe_keys_(require_safe_keys),
        identity_(KeyReaderIdentity::current()) {}

  /// Reads, tries out and keeps a key. Null after a fault, which went to section.error(), once for
  /// each file. An unsafe file is one, or only a warning where keys need not be safe.
  std::shared_ptr<const SigningKey> read_file(const std::string& path, const KeyPlace& place);
  /// A key that stands in a table itself, under `name`.
  std::shared_ptr<const SigningKey> read_text(const std::string& text, const std::string& name,
                                              const KeyPlace& place);
  /// After the last key: warns of those that are weak, all in one.
  void warn_of_weak_keys() const;

 private:
  using Key = std::shared_ptr<const SigningKey>;
  Key keep(Result<SigningKey> key, const std::string& name, const KeyPlace& place);
  bool is_safe(const std::string& path, const KeyPlace& place);

  Section& section_;
  bool require_safe_keys_;
  KeyReaderIdentity identity_;
  std::map<std::string, Key> files_;  ///< By path; null where it cannot be used.
  std::map<std::string, Key> texts_;
  std::set<std::string> unsafe_nodes_;  ///< Told already.
  std::vector<std::string> weak_;       ///< What is said of each.
  std::string weak_setting_;
};

}  // namespace milterd::dkim
