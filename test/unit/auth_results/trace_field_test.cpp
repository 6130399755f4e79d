#include "milterd/auth_results/trace_field.hpp"

#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

#include "milterd/message/transaction_state.hpp"

using milterd::AuthResult;
using milterd::HeaderField;
using milterd::Modification;
using milterd::TransactionState;

namespace {

class NoMacros final : public milterd::MacroSource {
 public:
  std::string_view macro(const char* /*name*/) const override { return {}; }
};

class NoLog final : public milterd::Logger {
 public:
  void write(milterd::LogLevel /*level*/, std::string_view /*event*/,
             std::span<const milterd::LogField> /*fields*/) override {}
  bool enabled(milterd::LogLevel /*level*/) const override { return false; }
};

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A complete message with these fields.
struct Message {
  explicit Message(const Fields& fields, milterd::Granted granted = {})
      : transaction({.session = session,
                     .macros = macros,
                     .limits = limits,
                     .authserv_id = "mx.example.org",
                     .granted = granted,
                     .wants_image = false,
                     .fixed_time = {}},
                    {}) {
    for (const auto& [name, value] : fields) {
      transaction.receive_header(name, value);
    }
    transaction.header_complete();
    transaction.complete();
    transaction.begin_turn(0, {}, log);
  }

  std::vector<std::string> header() const {
    std::vector<std::string> texts;
    for (const HeaderField& field : transaction.headers()) {
      texts.emplace_back(field.text());
    }
    return texts;
  }

  milterd::Session session;
  NoMacros macros;
  NoLog log;
  milterd::Limits limits;
  TransactionState transaction;
};

const std::vector<AuthResult> dkim_pass = {
    {.method = "dkim", .result = "pass", .comment = {}, .reason = {}, .properties = {}}};

}  // namespace

TEST_CASE("forged fields go from the last to the first, ours comes on top, others stay") {
  Message message(Fields{
      {"Authentication-Results", " mx.example.org; dkim=pass"},
      {"From", " a@example.org"},
      {"AUTHENTICATION-RESULTS", " \"MX.example.org\"; spf=pass"},
      {"Authentication-Results", " other.example; spf=pass"},
      {"X-Authentication-Results", " mx.example.org; spf=pass"},
      {"Authentication-Results", "\r\n\t(x) mx.example.org. 1;\r\n\tspf=pass"},
      {"Subject", " test"},
  });
  REQUIRE(milterd::replace_auth_results(message.transaction, "mx.example.org", dkim_pass));
  CHECK(message.header() == std::vector<std::string>{
                                "Authentication-Results: mx.example.org;\r\n\tdkim=pass",
                                "From: a@example.org",
                                "Authentication-Results: other.example; spf=pass",
                                "X-Authentication-Results: mx.example.org; spf=pass",
                                "Subject: test",
                            });
  std::string edits;
  for (const Modification& edit : message.transaction.modifications()) {
    edits +=
        std::string(to_string(edit.op)) + " " + edit.name + " " + std::to_string(edit.index) + "\n";
  }
  CHECK(edits ==
        "delete_header Authentication-Results 4\n"
        "delete_header AUTHENTICATION-RESULTS 2\n"
        "delete_header Authentication-Results 1\n"
        "insert_header Authentication-Results 0\n");
}

TEST_CASE("without results the forged fields go all the same") {
  Message message(
      Fields{{"Authentication-Results", " mx.example.org; dkim=pass"}, {"From", " a@b.test"}});
  REQUIRE(milterd::replace_auth_results(message.transaction, "mx.example.org", {}));
  CHECK(message.header() == std::vector<std::string>{"From: a@b.test"});
}

TEST_CASE("results that are not worth a field stand only beside others") {
  std::vector<AuthResult> results = {
      {.method = "dkim", .result = "none", .comment = {}, .reason = {}, .properties = {}}};
  results[0].only_beside_others = true;
  Message alone(
      Fields{{"Authentication-Results", " mx.example.org; dkim=pass"}, {"From", " a@b.test"}});
  REQUIRE(milterd::replace_auth_results(alone.transaction, "mx.example.org", results));
  CHECK(alone.header() == std::vector<std::string>{"From: a@b.test"});

  results.push_back(
      {.method = "spf", .result = "pass", .comment = {}, .reason = {}, .properties = {}});
  Message beside(Fields{{"From", " a@b.test"}});
  REQUIRE(milterd::replace_auth_results(beside.transaction, "mx.example.org", results));
  CHECK(beside.header().front() ==
        "Authentication-Results: mx.example.org;\r\n\tdkim=none;\r\n\tspf=pass");
}

TEST_CASE("a message without forged fields only gets ours") {
  Message message(Fields{{"From", " a@b.test"}});
  REQUIRE(milterd::replace_auth_results(message.transaction, "mx.example.org", dkim_pass));
  CHECK(message.transaction.modifications().size() == 1);
}

TEST_CASE("an empty authserv-id is an error that says what to do") {
  Message message(Fields{{"From", " a@b.test"}});
  const auto replaced = milterd::replace_auth_results(message.transaction, "", dkim_pass);
  REQUIRE_FALSE(replaced);
  CHECK(replaced.error().message ==
        "cannot write Authentication-Results: the MTA sent no name (macro j); set authserv_id in "
        "[milter]");
}

TEST_CASE("an edit that the MTA does not grant is an error") {
  Message message(Fields{{"Authentication-Results", " mx.example.org; dkim=pass"}},
                  {.change_header = false});
  CHECK_FALSE(milterd::replace_auth_results(message.transaction, "mx.example.org", dkim_pass));
  CHECK(message.header().size() == 1);
}
