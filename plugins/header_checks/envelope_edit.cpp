#include "plugins/header_checks/envelope_edit.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace milterd::header_checks {
namespace {

/// Neither an atom's character nor a dot (RFC 5321 section 4.1.2). Beyond ASCII counts as one.
bool needs_quotes(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' ||
         std::string_view("()<>[]:;@\\,\"").find(c) != std::string_view::npos;
}

}  // namespace

std::string envelope_path(std::string_view address) {
  const std::size_t at = address.rfind('@');
  const std::string_view local = address.substr(0, at);
  const bool quotes = local.empty() || local.starts_with('.') || local.ends_with('.') ||
                      local.find("..") != std::string_view::npos ||
                      std::ranges::any_of(local, needs_quotes);
  if (!quotes || at == std::string_view::npos) {
    return std::string(address);
  }
  std::string path = "\"";
  for (const char c : local) {
    if (c == '"' || c == '\\') {
      path += '\\';
    }
    path += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return path.append("\"").append(address.substr(at));
}

bool has_recipient(const Transaction& transaction, std::string_view address) {
  return std::ranges::any_of(transaction.envelope().recipients,
                             [&](const Address& known) { return known.path == address; });
}

Result<> redirect_to(Transaction& transaction, std::string_view address) {
  std::vector<std::string> others;
  for (const Address& recipient : transaction.envelope().recipients) {
    if (recipient.path != address && std::ranges::find(others, recipient.path) == others.end()) {
      others.push_back(recipient.path);
    }
  }
  for (const std::string& other : others) {
    if (Result<> deleted = transaction.delete_recipient(other); !deleted) {
      return deleted;
    }
  }
  return add_bcc(transaction, address);
}

bool is_redirected_to(const Transaction& transaction, std::string_view address) {
  return has_recipient(transaction, address) &&
         std::ranges::all_of(transaction.envelope().recipients,
                             [&](const Address& known) { return known.path == address; });
}

Result<> add_bcc(Transaction& transaction, std::string_view address) {
  if (has_recipient(transaction, address)) {
    return {};
  }
  return transaction.add_recipient({std::string(address), {}});
}

}  // namespace milterd::header_checks
