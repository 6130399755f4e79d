#include "milterd/mta/negotiation.hpp"

#include <doctest/doctest.h>

namespace milterd {
namespace {

// The protocol's numbers, as a peer sees them.
constexpr unsigned long add_headers = 0x01, change_body = 0x02, add_recipients = 0x04,
                        delete_recipients = 0x08, change_headers = 0x10, quarantine = 0x20,
                        change_sender = 0x40, add_recipients_with_arguments = 0x80,
                        set_macro_list = 0x100;
constexpr unsigned long no_body = 0x10, no_header = 0x20, no_header_end = 0x40, no_unknown = 0x100,
                        no_data = 0x200, leading_space = 0x100000;
constexpr unsigned long silent_header = 0x80, silent_connect = 0x1000, silent_helo = 0x2000,
                        silent_mail = 0x4000, silent_rcpt = 0x8000, silent_data = 0x10000,
                        silent_unknown = 0x20000, silent_header_end = 0x40000,
                        silent_body = 0x80000;
constexpr unsigned long always_silent =
    silent_header | silent_unknown | silent_header_end | silent_body;
constexpr Offer postfix{0x1ff, 0x1fffff};
/// Protocol version 2, as old sendmails and small programs speak it; libmilter adds the rest.
constexpr Offer old_mta{0x1f, 0x7f | 0xff080};

TEST_CASE("negotiation: without stages the MTA waits for nothing but the message's answer") {
  const auto result = negotiate(Needs{}, postfix);
  CHECK(result.actions == set_macro_list);
  CHECK(result.steps == (always_silent | silent_connect | silent_helo | silent_mail | silent_rcpt |
                         silent_data | no_header | no_header_end | no_body | no_unknown));
  CHECK_FALSE(result.leading_space);
}

TEST_CASE("negotiation: an event that a stage answers is waited for") {
  struct Case {
    bool Needs::* need;
    unsigned long silence;
  };
  const Case cases[] = {{&Needs::connect, silent_connect},
                        {&Needs::helo, silent_helo},
                        {&Needs::mail, silent_mail},
                        {&Needs::rcpt, silent_rcpt},
                        {&Needs::data, silent_data}};
  const auto none = negotiate(Needs{}, postfix).steps;
  for (const auto& one : cases) {
    Needs needs;
    needs.*one.need = true;
    CHECK(negotiate(needs, postfix).steps == (none & ~one.silence));
  }
}

TEST_CASE("negotiation: header and body are left out only where nobody needs them") {
  struct Case {
    bool Needs::* need;
    bool header;
    bool body;
  };
  const Case cases[] = {{&Needs::header, true, false},
                        {&Needs::edits_header, true, false},
                        {&Needs::body, false, true},
                        {&Needs::image, true, true}};
  for (const auto& one : cases) {
    Needs needs;
    needs.*one.need = true;
    const auto result = negotiate(needs, postfix);
    CHECK(((result.steps & no_header) == 0) == one.header);
    CHECK(((result.steps & no_header_end) == 0) == one.header);
    CHECK(((result.steps & leading_space) != 0) == one.header);
    CHECK(result.leading_space == one.header);
    CHECK(((result.steps & no_body) == 0) == one.body);
    CHECK((result.steps & no_data) == 0);
  }
}

TEST_CASE("negotiation: only the edits that a stage makes are asked for") {
  struct Case {
    bool Needs::* need;
    unsigned long actions;
  };
  const Case cases[] = {
      {&Needs::edits_header, add_headers | change_headers},
      {&Needs::edits_body, change_body},
      {&Needs::edits_sender, change_sender},
      {&Needs::edits_recipients,
       add_recipients | add_recipients_with_arguments | delete_recipients},
      {&Needs::quarantines, quarantine},
  };
  for (const auto& one : cases) {
    Needs needs;
    needs.*one.need = true;
    CHECK(negotiate(needs, postfix).actions == (one.actions | set_macro_list));
  }
}

TEST_CASE("negotiation: what an old MTA lacks is not asked for and not granted") {
  Needs needs;
  needs.image = needs.edits_header = needs.edits_sender = needs.quarantines = true;
  const auto result = negotiate(needs, old_mta);
  CHECK(result.actions == (add_headers | change_headers));
  CHECK_FALSE(result.asks_macros);
  CHECK_FALSE(result.leading_space);
  CHECK((result.steps & (leading_space | no_unknown)) == 0);
  CHECK(result.granted.add_header);
  CHECK(result.granted.change_header);
  CHECK_FALSE(result.granted.sender);
  CHECK_FALSE(result.granted.quarantine);
}

TEST_CASE("negotiation: macros of host and stages are asked for once each, at their events") {
  Needs needs;
  needs.macros = {{Event::mail, "{auth_authen}"}, {Event::mail, "i"},
                  {Event::mail, "{auth_authen}"}, {Event::connect, "{daemon_name}"},
                  {Event::message, "{x}"},        {Event::header_complete, "{y}"}};
  const auto result = negotiate(needs, postfix);
  CHECK(result.asks_macros);
  CHECK(result.macros[0] == "j {daemon_name}");
  CHECK(result.macros[1] == "{none}");
  CHECK(result.macros[2] == "i {auth_authen}");
  CHECK(result.macros[3] == "{none}");
  CHECK(result.macros[4] == "i");
  CHECK(result.macros[5] == "{x}");
  CHECK(result.macros[6] == "{y}");
}

TEST_CASE("negotiation: a session that will be refused gets its answer at once") {
  const auto result = negotiate_refusal(postfix);
  CHECK(result.actions == 0);
  CHECK(result.steps == (always_silent | no_header | no_header_end | no_body | no_unknown));
  CHECK_FALSE(result.granted.add_header);
  CHECK_FALSE(result.granted.quarantine);
}

}  // namespace
}  // namespace milterd
