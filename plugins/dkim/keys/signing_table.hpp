#pragma once
/// SigningTable: whose mail is signed with which key (opendkim.conf(5)).

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "milterd/section.hpp"
#include "plugins/common/data_set.hpp"
#include "plugins/common/mail_address.hpp"
#include "plugins/common/name_pattern.hpp"

namespace milterd::dkim {

class SigningTable {
 public:
  struct Row {
    std::string senders;     ///< As written.
    std::string key_name;    ///< "%": the sender's domain.
    std::string signer;      ///< For i=, with "%" for the sender's domain; "" for none.
    std::string place;       ///< Where it stands, for texts.
    bool everybody = false;  ///< Fits senders of every domain.
  };

  /// Reads the data set `specification`, which is what `signing_table` says. Faults go to
  /// section.error(), and doubts to warning(), each with file and line.
  SigningTable(Section& section, std::string_view specification, bool all_rows);

  bool is_sound() const { return sound_; }
  const std::vector<Row>& rows() const { return rows_; }

  /// The rows that fit `sender`, in the order in which they count; the first of them only unless
  /// the table was made with `all_rows`. Takes time in proportion to the patterns that are neither
  /// an address nor "*@domain", not to the rows.
  std::vector<const Row*> find(const MailAddress& sender) const;

 private:
  /// Positions in rows_, rising, of rows that fit this text in lower case.
  using Index = std::unordered_map<std::string, std::vector<std::size_t>>;

  bool add(Section& section, const DataEntry& entry, bool is_pattern);
  void warn_of_hopeless(Section& section, const Row& row, bool is_pattern) const;
  void find_pattern(const MailAddress& sender, std::vector<const Row*>& found) const;
  void find_exact(const MailAddress& sender, std::vector<const Row*>& found) const;

  bool all_rows_;
  bool sound_ = true;
  bool has_patterns_ = false;
  std::vector<Row> rows_;
  Index exact_;   ///< Whole keys.
  Index any_at_;  ///< Patterns "*@domain", by what follows the "*".
  std::vector<std::pair<std::size_t, NamePattern>> others_;
};

}  // namespace milterd::dkim
