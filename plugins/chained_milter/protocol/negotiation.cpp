#include "plugins/chained_milter/protocol/negotiation.hpp"

#include "plugins/chained_milter/protocol/quoted.hpp"
#include "plugins/chained_milter/protocol/wire_fields.hpp"

namespace milterd::milter {
namespace {

constexpr std::uint32_t oldest_version = 2;
constexpr std::uint32_t steps_of_version_2 = 0x7f;

std::string hex(std::uint32_t bits) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789abcdef"[bits % 16]);
    bits /= 16;
  } while (bits != 0);
  return "0x" + text;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(" \t,");
    if (end != 0) {
      found.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return found;
}

Result<> read_macro_lists(FieldReader& fields, Agreement& agreement) {
  while (!fields.at_end()) {
    const auto place = fields.u32();
    const auto names = fields.string();
    if (!place || !names) {
      return fail("its answer to the negotiation ends within a list of macros");
    }
    if (*place < macro_places) {
      agreement.macros[*place] = words(*names);
    }
  }
  return {};
}

}  // namespace

Offer offer_of(std::uint32_t version) {
  Offer offer{.version = version};
  if (version < 6) {
    offer.steps = steps_of_version_2;
    offer.steps |= version >= 3 ? step::no_unknown : 0;
    offer.steps |= version >= 4 ? step::no_data : 0;
  }
  return offer;
}

std::vector<std::string> default_macros(MacroPlace place) {
  switch (place) {
    case MacroPlace::connect: return {"j", "{daemon_name}", "{daemon_addr}", "v", "_"};
    case MacroPlace::helo:
      return {"{tls_version}", "{cipher}", "{cipher_bits}", "{cert_subject}", "{cert_issuer}"};
    case MacroPlace::mail:
      return {"i",           "{auth_type}", "{auth_authen}", "{auth_author}",
              "{mail_addr}", "{mail_host}", "{mail_mailer}"};
    case MacroPlace::rcpt: return {"i", "{rcpt_addr}", "{rcpt_host}", "{rcpt_mailer}"};
    case MacroPlace::data:
    case MacroPlace::end_of_message:
    case MacroPlace::end_of_header: return {"i"};
  }
  return {};
}

std::vector<std::string> Agreement::macros_at(MacroPlace place) const {
  const auto& asked = macros[static_cast<std::size_t>(place)];
  // An empty list counts as none, as in Postfix.
  return asked && !asked->empty() ? *asked : default_macros(place);
}

void append_offer(std::string& out, const Offer& offer) {
  std::string data;
  append_u32(data, offer.version);
  append_u32(data, offer.actions);
  append_u32(data, offer.steps);
  append_packet(out, static_cast<char>(Command::negotiate), {data});
}

Result<Agreement> read_agreement(const Offer& offer, const Packet& packet) {
  if (packet.code != static_cast<char>(Command::negotiate)) {
    return fail("it answered the negotiation with " + shown_code(packet.code));
  }
  FieldReader fields(packet.data);
  const auto version = fields.u32();
  const auto actions = fields.u32();
  const auto steps = fields.u32();
  if (!version || !actions || !steps) {
    return fail("its answer to the negotiation has " + std::to_string(packet.data.size()) +
                " bytes, at least 12 are needed");
  }
  if (*version < oldest_version || *version > offer.version) {
    return fail("it speaks version " + std::to_string(*version) +
                " of the protocol, offered were " + std::to_string(oldest_version) + " to " +
                std::to_string(offer.version));
  }
  if ((*actions & ~offer.actions) != 0) {
    return fail("it asks for the actions " + hex(*actions) + ", offered were " +
                hex(offer.actions));
  }
  // Steps that were not offered are not taken; libmilter itself answers with some of them.
  Agreement agreement{.version = *version, .actions = *actions, .steps = *steps & offer.steps};
  if (*version < 4) {
    agreement.steps |= step::no_data;
  }
  if (*version < 3) {
    agreement.steps |= step::no_unknown;
  }
  if (auto read = read_macro_lists(fields, agreement); !read) {
    return std::unexpected(read.error());
  }
  return agreement;
}

}  // namespace milterd::milter
