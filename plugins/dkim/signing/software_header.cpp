#include "plugins/dkim/signing/software_header.hpp"

#include <string>

namespace milterd::dkim {

void add_software_header(Transaction& transaction) {
  std::string value = "milterd v" MILTERD_VERSION " ";
  value += transaction.authserv_id();
  value += ' ';
  value += transaction.queue_id().empty() ? "(unknown-jobid)" : transaction.queue_id();
  if (const auto added = transaction.insert_header(0, "DKIM-Filter", value); !added) {
    transaction.log().warn("dkim.software_header_failed", {{"reason", added.error().message}});
  }
}

}  // namespace milterd::dkim
