#pragma once
/// Writes a message as the MTA would hold it.

#include <set>
#include <string>

#include "milterd/message/transaction_state.hpp"
#include "milterd/result.hpp"

namespace milterd {

/// Header and body with all edits; line ends CRLF or LF.
std::string written_message(const TransactionState& transaction, bool crlf);

/// Where --write-message puts its messages.
class MessageWriter {
 public:
  /// `path` is "-", a file, or (`many`, or it is one already) a directory, which is made.
  static Result<MessageWriter> open(const std::string& path, bool many);

  /// `name` names the file in a directory; a name that was used gets a number.
  Result<> write(const std::string& name, const std::string& bytes);

 private:
  MessageWriter(std::string path, bool directory) : path_(std::move(path)), directory_(directory) {}
  std::string path_;
  bool directory_;
  std::set<std::string> used_;
};

}  // namespace milterd
