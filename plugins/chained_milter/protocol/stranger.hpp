#pragma once
/// What answers on the port, where it is no milter.

#include <string>
#include <string_view>

namespace milterd::milter {

/// Names the program that said `bytes` instead of an answer to the negotiation, and quotes them:
/// "it is no milter but an SMTP server, it says \"220 mx\"". "" where they do not look like text of
/// any kind.
std::string describe_stranger(std::string_view bytes);

}  // namespace milterd::milter
