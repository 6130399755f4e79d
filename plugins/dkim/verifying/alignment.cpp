#include "plugins/dkim/verifying/alignment.hpp"

#include <libpsl.h>

#include "milterd/ascii.hpp"

namespace milterd::dkim {

Result<Alignment> Alignment::relaxed() {
  List list(psl_latest(nullptr),
            [](const psl_ctx_t* owned) { psl_free(const_cast<psl_ctx_t*>(owned)); });
  if (!list) {
    return fail("there is no public suffix list on this system");
  }
  return Alignment(std::move(list));
}

std::string Alignment::organization(const std::string& domain) const {
  const char* registrable = psl_registrable_domain(list_.get(), domain.c_str());
  return registrable == nullptr ? domain : registrable;
}

bool Alignment::aligned(std::string_view signer, std::string_view author) const {
  const std::string by = to_lower(signer);
  const std::string from = to_lower(author);
  if (by.empty() || by == from) {
    return !by.empty();
  }
  return list_ != nullptr && organization(by) == organization(from);
}

}  // namespace milterd::dkim
