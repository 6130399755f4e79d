#pragma once
/// What getopt_long(3) did not understand.

#include <cstddef>
#include <getopt.h>
#include <span>
#include <string>
#include <utility>

#include "milterd/result.hpp"

namespace milterd::dkim {

/// `code` is what it returned, '?' or ':'; its option string begins with ":".
inline std::unexpected<Error> option_fault(std::span<char*> arguments, int code) {
  const std::string word = arguments[static_cast<std::size_t>(optind - 1)];
  if (code == ':') {
    return fail(word + " wants a value");
  }
  return word.starts_with("--") && optopt != 0 ? fail(word + " takes no value")
                                               : fail("unknown or ambiguous option " + word);
}

}  // namespace milterd::dkim
