#pragma once
/// Values of opendkim.conf, in milterd's words.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"

namespace milterd {

/// By the first byte; what is no boolean at all is false.
bool opendkim_boolean(std::string_view value);

/// Decimal, 0x... or octal with a leading 0, as strtol(3). Error: it is none, or negative.
Result<std::int64_t> opendkim_integer(std::string_view value);

/// "r" and "reject" to "reject". Error: the words that there are.
Result<std::string> opendkim_action(std::string_view value);

/// A data set with its path made absolute. Error: a type that milterd does not read, and what to
/// do.
Result<std::string> opendkim_data_set(std::string_view value, std::string_view base_directory);

/// The same as a list: the entries of a comma-separated one, or the set itself as the only entry.
Result<std::vector<std::string>> opendkim_list(std::string_view value,
                                               std::string_view base_directory);

}  // namespace milterd
