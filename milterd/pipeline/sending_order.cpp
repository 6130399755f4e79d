#include "milterd/pipeline/sending_order.hpp"

namespace milterd {

std::vector<Modification> in_sending_order(std::span<const Modification> ledger) {
  const Modification* body = nullptr;
  const Modification* quarantine = nullptr;
  std::vector<Modification> ordered;
  ordered.reserve(ledger.size());
  for (const Modification& edit : ledger) {
    if (edit.op == Modification::Op::replace_body) {
      body = &edit;
    } else if (edit.op != Modification::Op::quarantine) {
      ordered.push_back(edit);
    } else if (quarantine == nullptr) {
      quarantine = &edit;
    }
  }
  for (const Modification* last : {body, quarantine}) {
    if (last != nullptr) {
      ordered.push_back(*last);
    }
  }
  return ordered;
}

}  // namespace milterd
