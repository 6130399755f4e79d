#pragma once
/// The tables of a stage, ready to be asked.

#include "plugins/header_checks/action.hpp"
#include "plugins/header_checks/mime_parts.hpp"
#include "plugins/header_checks/rule_lookup.hpp"

namespace milterd::header_checks {

struct Checks {
  TableList header, mime_header, nested_header, body, milter_header;
  MimeLimits limits;

  const TableList& of(Check check) const {
    switch (check) {
      case Check::header: return header;
      case Check::mime_header: return mime_header;
      case Check::nested_header: return nested_header;
      case Check::body: return body;
      case Check::milter_header: break;
    }
    return milter_header;
  }
  /// Some table looks at header fields of the message or its parts.
  bool look_at_headers() const {
    return !header.empty() || !mime_header.empty() || !nested_header.empty();
  }
  bool look_at_messages() const { return look_at_headers() || !body.empty(); }
};

}  // namespace milterd::header_checks
