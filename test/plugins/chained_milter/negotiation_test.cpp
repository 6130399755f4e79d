#include "plugins/chained_milter/protocol/negotiation.hpp"

#include <doctest/doctest.h>
#include <string>

#include "plugins/chained_milter/protocol/wire_fields.hpp"

using namespace milterd;
using namespace milterd::milter;
using namespace std::string_literals;

namespace {

std::string numbers(std::uint32_t version, std::uint32_t actions, std::uint32_t steps) {
  std::string data;
  append_u32(data, version);
  append_u32(data, actions);
  append_u32(data, steps);
  return data;
}

std::string fault(const Offer& offer, const std::string& data, char code = 'O') {
  const auto agreement = read_agreement(offer, {code, data});
  return agreement ? "none" : agreement.error().message;
}

}  // namespace

TEST_CASE("negotiation: the offer is Postfix's") {
  std::string bytes;
  append_offer(bytes, offer_of(6));
  CHECK(bytes == "\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff"s);
  CHECK(offer_of(2).steps == 0x7f);
  CHECK(offer_of(3).steps == 0x17f);
  CHECK(offer_of(4).steps == 0x37f);
}

TEST_CASE("negotiation: every version from 2 to the one offered is taken") {
  for (std::uint32_t version = 2; version <= 6; ++version) {
    const auto agreement = read_agreement(offer_of(6), {'O', numbers(version, 0x3f, 0)});
    REQUIRE(agreement);
    CHECK(agreement->version == version);
    CHECK(agreement->actions == 0x3f);
    CHECK(agreement->has(step::no_data) == (version < 4));
    CHECK(agreement->has(step::no_unknown) == (version < 3));
  }
  CHECK(fault(offer_of(6), numbers(7, 0, 0)) ==
        "it speaks version 7 of the protocol, offered were 2 to 6");
  CHECK(fault(offer_of(6), numbers(1, 0, 0)) ==
        "it speaks version 1 of the protocol, offered were 2 to 6");
  CHECK(fault(offer_of(4), numbers(6, 0, 0)) ==
        "it speaks version 6 of the protocol, offered were 2 to 4");
}

TEST_CASE("negotiation: actions are only those offered, other steps are let be") {
  CHECK(fault(offer_of(6), numbers(6, 0x200, 0)) ==
        "it asks for the actions 0x200, offered were 0x1ff");
  const auto agreement = read_agreement(offer_of(6), {'O', numbers(6, 0, 0x30000000 | step::skip)});
  REQUIRE(agreement);
  CHECK(agreement->steps == step::skip);
}

TEST_CASE("negotiation: what is no answer") {
  CHECK(fault(offer_of(6), "", 'c') == "it answered the negotiation with 'c'");
  CHECK(fault(offer_of(6), numbers(6, 0, 0).substr(0, 11)) ==
        "its answer to the negotiation has 11 bytes, at least 12 are needed");
  CHECK(fault(offer_of(6), numbers(6, 0, 0) + "\0\0\0"s) ==
        "its answer to the negotiation ends within a list of macros");
  CHECK(fault(offer_of(6), numbers(6, 0, 0) + "\0\0\0\x01"s) ==
        "its answer to the negotiation ends within a list of macros");
}

TEST_CASE("negotiation: macros are the filter's own, else Postfix's") {
  const auto agreement =
      read_agreement(offer_of(6), {'O', numbers(6, 0x100, 0) + "\0\0\0\0j  {client_addr},_\0"s +
                                            "\0\0\0\x03\0"s + "\0\0\0\x2aignored\0"s});
  REQUIRE(agreement);
  CHECK(agreement->macros_at(MacroPlace::connect) ==
        std::vector<std::string>{"j", "{client_addr}", "_"});
  CHECK(agreement->macros_at(MacroPlace::rcpt) == default_macros(MacroPlace::rcpt));
  CHECK(agreement->macros_at(MacroPlace::data) == std::vector<std::string>{"i"});
}
