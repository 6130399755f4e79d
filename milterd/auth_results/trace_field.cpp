#include "milterd/auth_results/trace_field.hpp"

#include <algorithm>
#include <cstddef>

#include "milterd/ascii.hpp"
#include "milterd/auth_results/auth_results.hpp"
#include "milterd/auth_results/authserv_id.hpp"

namespace milterd {
namespace {

constexpr std::string_view field_name = "Authentication-Results";

bool is_auth_results(const HeaderField& field) {
  // White space before the colon is obsolete syntax, but read (RFC 5322 section 4.5).
  std::string_view name = field.name();
  while (name.ends_with(' ') || name.ends_with('\t')) {
    name.remove_suffix(1);
  }
  return equal_ignoring_case(name, field_name);
}

}  // namespace

Result<> replace_auth_results(Transaction& transaction, std::string_view authserv_id,
                              std::span<const AuthResult> results) {
  if (authserv_id.empty()) {
    return fail(
        "cannot write Authentication-Results: the MTA sent no name (macro j); set authserv_id in "
        "[milter]");
  }
  for (std::size_t index = transaction.headers().size(); index-- > 0;) {
    const HeaderField field = transaction.headers()[index];
    if (!is_auth_results(field) || !claims_authserv_id(field.value(), authserv_id)) {
      continue;
    }
    if (Result<> deleted = transaction.delete_header(index); !deleted) {
      return deleted;
    }
  }
  if (std::ranges::all_of(results, &AuthResult::only_beside_others)) {
    return {};
  }
  return transaction.insert_header(0, field_name, write_auth_results(authserv_id, results));
}

}  // namespace milterd
