#pragma once
/// What clamav-milter tells of a message to its log and to the operator's command.

#include <string>
#include <vector>

#include "milterd/transaction.hpp"

namespace milterd::clamav {

/// Texts are one line each, without control characters and of at most 1,000 bytes: they come from
/// the sender. "" where the message has none.
struct MessageFacts {
  std::string queue_id;
  std::string sender;
  std::vector<std::string> recipients;
  std::string subject;
  std::string message_id;
  std::string date;
};

MessageFacts facts_of(const Transaction& transaction);

}  // namespace milterd::clamav
