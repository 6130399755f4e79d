#pragma once
/// The text that refuses an infected message: %v stands for the signature, %% for a percent sign.

#include <string>
#include <string_view>

#include "milterd/result.hpp"

namespace milterd::clamav {

/// Error: what is wrong with the template, and what would be right.
Result<> check_reject_message(std::string_view text);

/// Of a template that was checked.
std::string format_reject_message(std::string_view text, std::string_view signature);

}  // namespace milterd::clamav
