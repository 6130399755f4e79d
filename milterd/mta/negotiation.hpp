#pragma once
/// What we agree on with the MTA at the begin of a connection.

#include <array>
#include <cstddef>
#include <string>

#include "milterd/message/transaction_state.hpp"
#include "milterd/stage.hpp"

namespace milterd {

/// The two sets of SMFIF_* and SMFIP_* bits that an MTA offers. libmilter plays the no-reply bits
/// for an MTA that lacks them, so they are always offered.
struct Offer {
  unsigned long actions = 0;
  unsigned long steps = 0;
};

struct Negotiated {
  unsigned long actions = 0;  ///< SMFIF_*: edits that we may make.
  unsigned long steps = 0;    ///< SMFIP_*: events that are left out, or get no answer.
  Granted granted = {};
  bool leading_space = false;  ///< Header values carry the space behind the colon, both ways.
  /// Macros for each SMFIM_* place, separated by spaces. To be asked for where `asks_macros`.
  std::array<std::string, 7> macros = {};
  bool asks_macros = false;
};

/// As little as `needs` and the host's own log can do with: no answer to an event that no stage
/// answers, no header, body or recipient edits that no stage makes. What the MTA does not offer is
/// not asked for; `granted` says what remains.
Negotiated negotiate(const Needs& needs, const Offer& offer);

/// For a connection that will be refused at once: every event of the envelope is answered, nothing
/// is edited.
Negotiated negotiate_refusal(const Offer& offer);

}  // namespace milterd
