#pragma once
/// Tag lists, the syntax of DKIM signatures and key records (RFC 6376 section 3.2).

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milterd/result.hpp"

namespace milterd::dkim {

class TagList {
 public:
  /// Strict: every byte must fit the grammar, no tag may come twice. Error: what is wrong.
  static Result<TagList> parse(std::string_view text);

  /// The value without any white space, or null where the tag is absent.
  const std::string* find(std::string_view name) const;

 private:
  std::vector<std::pair<std::string_view, std::string>> tags_;
};

/// What stands between the colons, as in h=; "" has one empty part.
std::vector<std::string_view> split_at_colons(std::string_view text);

/// Letters, digits, "+", "/", and up to two "=" at the end; not empty.
bool is_base64(std::string_view text);

/// Dot-separated labels of 1..63 letters, digits, "-" and "_", 253 bytes at most; not empty.
bool is_domain_name(std::string_view text);

}  // namespace milterd::dkim
