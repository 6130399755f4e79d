#pragma once
/// Where --check-message gets its messages: files, directories, mailboxes, standard input.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"

namespace milterd {

/// No input is taken that has more bytes than this.
inline constexpr std::size_t longest_input = std::size_t{1} << 30;

/// Every regular file at or below `input`, in the order of their names; "-" stands for itself.
/// Error: it is not there or cannot be read.
Result<std::vector<std::string>> list_files(const std::string& input);

/// All bytes of a file, or of standard input for "-".
Result<std::string> read_file(const std::string& path);

/// The messages of an mbox file, each without its "From " line, with ">From" undone (mboxrd). The
/// views, and the texts in `unquoted`, live as long as `bytes` and `unquoted`.
std::vector<std::string> split_mbox(std::string_view bytes);

}  // namespace milterd
