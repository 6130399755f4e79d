#pragma once
/// How fallible functions answer, in the host and in plugins.

#include <expected>
#include <string>
#include <utility>

namespace milterd {

/// One line for people: what failed, on what, why. No newline, no level, no prefix; the caller who
/// decides puts its own context in front and logs it once.
struct Error {
  std::string message;
};

template <class T = void>
using Result = std::expected<T, Error>;

/// `return fail("cannot open '...': Permission denied");`
inline std::unexpected<Error> fail(std::string message) {
  return std::unexpected(Error{std::move(message)});
}

}  // namespace milterd
