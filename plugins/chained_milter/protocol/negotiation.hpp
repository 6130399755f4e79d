#pragma once
/// What the two sides of a milter connection agree on, once, at its beginning.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"
#include "plugins/chained_milter/protocol/packet.hpp"
#include "plugins/chained_milter/protocol/wire.hpp"

namespace milterd::milter {

struct Offer {
  std::uint32_t version = 6;
  std::uint32_t actions = action::all;
  std::uint32_t steps = step::all;
};

/// As Postfix offers it with `milter_protocol = version`, 2 to 6: the steps that such a filter
/// knows.
Offer offer_of(std::uint32_t version);

struct Agreement {
  std::uint32_t version = 6;
  std::uint32_t actions = 0;
  std::uint32_t steps = 0;
  /// The names that the filter asked for; where it did not ask, Postfix's defaults are sent.
  std::array<std::optional<std::vector<std::string>>, macro_places> macros = {};

  bool may(std::uint32_t wanted) const { return (actions & wanted) != 0; }
  bool has(std::uint32_t wanted) const { return (steps & wanted) != 0; }
  /// What to send at `place`.
  std::vector<std::string> macros_at(MacroPlace place) const;
};

/// Postfix's milter_connect_macros, milter_helo_macros and so on.
std::vector<std::string> default_macros(MacroPlace place);

void append_offer(std::string& out, const Offer& offer);
/// The filter's answer to `offer`. Error: it is none, or wants what was not offered.
Result<Agreement> read_agreement(const Offer& offer, const Packet& packet);

}  // namespace milterd::milter
