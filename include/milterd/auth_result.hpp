#pragma once
/// Results of authentication methods as data (RFC 8601). Stages report them; the host writes the
/// one Authentication-Results field from them.

#include <string>
#include <vector>

namespace milterd {

struct AuthResult {
  struct Property {
    std::string type;   ///< "header", "smtp", "policy", "body"
    std::string name;   ///< "d", "b", "mailfrom"
    std::string value;  ///< Raw; the writer quotes it where the grammar asks for it.
  };
  std::string method;   ///< "dkim", "spf"
  std::string result;   ///< "pass", "permerror", "none"
  std::string comment;  ///< Without parentheses; printable ASCII survives. May be empty.
  std::string reason;   ///< Free text for reason=; may be empty.
  std::vector<Property> properties;
  /// Not worth a field of its own: if there are only such results, none is written. Fields that
  /// claim to be ours are removed all the same.
  bool only_beside_others = false;
};

}  // namespace milterd
