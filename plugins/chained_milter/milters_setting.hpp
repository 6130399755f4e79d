#pragma once
/// The setting `milters`: filters in Postfix's smtpd_milters syntax.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/chained_milter/protocol/endpoint.hpp"
#include "plugins/chained_milter/protocol/milter_client.hpp"

namespace milterd::chained_milter {

/// What becomes of a message whose filter fails; as Postfix's milter_default_action.
enum class DefaultAction : std::uint8_t { tempfail, accept, reject, quarantine, shutdown };

const char* to_string(DefaultAction action);

/// One filter.
struct ChildSettings {
  milter::Endpoint endpoint;
  milter::Timeouts timeouts;
  DefaultAction default_action = DefaultAction::tempfail;
  std::uint32_t protocol = 6;  ///< The highest version to offer.
};

/// Takes "inet:host:port, unix:/path, { inet:host:port, connect_timeout=10s, command_timeout=30s,
/// content_timeout=300s, default_action=accept, protocol=6 }", separated by commas or blanks. Each
/// fault is one line that names the text; a filter with a fault is left out.
std::vector<ChildSettings> parse_milters(std::string_view text, std::vector<std::string>& faults);

}  // namespace milterd::chained_milter
