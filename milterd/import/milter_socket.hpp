#pragma once
/// Where a milter listens, as libmilter's own programs write it.

#include <string>
#include <string_view>

#include "milterd/result.hpp"

namespace milterd {

/// "local:/path" and "inet:port@host" to "unix:/path" and "inet:host:port". Error: why it is none.
Result<std::string> milter_socket(std::string_view value, std::string_view base_directory);

/// `path` below `base_directory` where it is relative and there is one.
std::string path_below(std::string_view path, std::string_view base_directory);

}  // namespace milterd
