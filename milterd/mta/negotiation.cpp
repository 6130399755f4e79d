#include "milterd/mta/negotiation.hpp"

#include <initializer_list>
#include <libmilter/mfapi.h>
#include <string_view>

namespace milterd {
namespace {

constexpr unsigned long never_answered =
    SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY | SMFIP_NR_UNKN;

/// A name that no MTA knows. Postfix takes an empty list for its default one, which it then sends
/// before every recipient, every header field and every piece of the body.
constexpr const char* no_macro = "{none}";

struct Condition {
  bool holds;
  unsigned long bits;
};

unsigned long collect(std::initializer_list<Condition> conditions) {
  unsigned long bits = 0;
  for (const auto& condition : conditions) {
    bits |= condition.holds ? condition.bits : 0UL;
  }
  return bits;
}

std::size_t place_of(Event event) {
  switch (event) {
    case Event::connect: return SMFIM_CONNECT;
    case Event::helo: return SMFIM_HELO;
    case Event::mail: return SMFIM_ENVFROM;
    case Event::rcpt: return SMFIM_ENVRCPT;
    case Event::data: return SMFIM_DATA;
    case Event::header_complete: return SMFIM_EOH;
    case Event::message: return SMFIM_EOM;
  }
  return SMFIM_CONNECT;
}

void add_macro(std::string& list, std::string_view name) {
  const std::string padded = " " + list + " ";
  if (padded.find(" " + std::string(name) + " ") != std::string::npos) {
    return;
  }
  list += list.empty() ? "" : " ";
  list += name;
}

Granted granted_by(unsigned long actions) {
  Granted granted;
  granted.add_header = (actions & SMFIF_ADDHDRS) != 0;
  granted.change_header = (actions & SMFIF_CHGHDRS) != 0;
  granted.body = (actions & SMFIF_CHGBODY) != 0;
  granted.sender = (actions & SMFIF_CHGFROM) != 0;
  granted.add_recipient = (actions & SMFIF_ADDRCPT) != 0;
  granted.delete_recipient = (actions & SMFIF_DELRCPT) != 0;
  granted.quarantine = (actions & SMFIF_QUARANTINE) != 0;
  return granted;
}

}  // namespace

Negotiated negotiate(const Needs& needs, const Offer& offer) {
  const bool wants_header = needs.header || needs.image || needs.edits_header;
  const bool wants_body = needs.body || needs.image;
  Negotiated result;
  result.asks_macros = (offer.actions & SMFIF_SETSYMLIST) != 0;
  result.actions =
      offer.actions &
      collect({{needs.edits_header, SMFIF_ADDHDRS | SMFIF_CHGHDRS},
               {needs.edits_body, SMFIF_CHGBODY},
               {needs.edits_sender, SMFIF_CHGFROM},
               {needs.edits_recipients, SMFIF_ADDRCPT | SMFIF_ADDRCPT_PAR | SMFIF_DELRCPT},
               {needs.quarantines, SMFIF_QUARANTINE},
               {true, SMFIF_SETSYMLIST}});
  const unsigned long unanswered = collect({{true, never_answered},
                                            {!needs.connect, SMFIP_NR_CONN},
                                            {!needs.helo, SMFIP_NR_HELO},
                                            {!needs.mail, SMFIP_NR_MAIL},
                                            {!needs.rcpt, SMFIP_NR_RCPT},
                                            {!needs.data, SMFIP_NR_DATA}});
  // DATA is always wanted: it is the first event that Postfix has a queue id for.
  const unsigned long left_out = collect({{!wants_header, SMFIP_NOHDRS},
                                          {!wants_header, SMFIP_NOEOH},
                                          {!wants_body, SMFIP_NOBODY},
                                          {true, SMFIP_NOUNKNOWN},
                                          {wants_header, SMFIP_HDR_LEADSPC}});
  result.steps = unanswered | (offer.steps & left_out);
  result.leading_space = (result.steps & SMFIP_HDR_LEADSPC) != 0;
  result.granted = granted_by(result.actions);

  add_macro(result.macros[SMFIM_CONNECT], "j");
  add_macro(result.macros[SMFIM_ENVFROM], "i");
  add_macro(result.macros[SMFIM_DATA], "i");
  for (const auto& need : needs.macros) {
    add_macro(result.macros.at(place_of(need.event)), need.name);
  }
  for (auto& list : result.macros) {
    list = list.empty() ? no_macro : list;
  }
  return result;
}

Negotiated negotiate_refusal(const Offer& offer) {
  Negotiated result;
  result.steps = never_answered |
                 (offer.steps & (SMFIP_NOHDRS | SMFIP_NOBODY | SMFIP_NOEOH | SMFIP_NOUNKNOWN));
  result.granted = granted_by(0);
  return result;
}

}  // namespace milterd
