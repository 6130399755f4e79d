#pragma once
/// A header_checks stage as the host would make it, with a session.

#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugins/header_checks/header_checks_stage.hpp"
#include "test/support/captured_log.hpp"
#include "test/support/fake_resolver.hpp"
#include "test/support/received_transaction.hpp"
#include "test/support/stage_table.hpp"

namespace milterd::test {

/// A table without a file: `rules` are "/pattern/ RESULT".
inline std::string inline_table(const std::vector<std::string>& rules) {
  std::string text = "pcre:{ ";
  for (const std::string& rule : rules) {
    text += (text.ends_with("{ ") ? "{" : ", {") + rule + "}";
  }
  return text + " }";
}

/// "key = '''table'''", as TOML.
inline std::string table_key(const std::string& key, const std::vector<std::string>& rules) {
  return key + " = '''" + inline_table(rules) + "'''\n";
}

class StageUnderTest {
 public:
  /// `keys` are lines of TOML without a fault.
  explicit StageUnderTest(const std::string& keys, Load load = Load::now) {
    StageTable table(keys);
    auto made = header_checks::HeaderChecksStage::make(
        table.section(), {"header_checks", log, resolver_, load, nullptr});
    REQUIRE(made.has_value());
    for (const std::string& problem : table.errors()) {
      CAPTURE(problem);
      CHECK(problem.find(": warning: ") != std::string::npos);
    }
    stage = std::move(*made);
    session = stage->open_session();
  }

  /// A whole message; what the stage says about it, or its error. The transaction stays.
  Result<Verdict> run(std::string_view mail) {
    session->on_transaction_end();
    return session->on_message(received.receive(mail, session.get()));
  }
  /// "action", "action code enhanced text" or "error: text".
  static std::string shown(const Result<Verdict>& verdict) {
    if (!verdict) {
      return "error: " + verdict.error().message;
    }
    std::string text = to_string(verdict->action);
    if (verdict->reply) {
      text += " " + std::to_string(verdict->reply->code) + " " + verdict->reply->enhanced;
      for (const std::string& line : verdict->reply->lines) {
        text += " " + line;
      }
    }
    return text;
  }
  std::string judge(std::string_view mail) { return shown(run(mail)); }
  /// The recipients, joined by blanks.
  std::string recipients() {
    std::string text;
    for (const Address& address : received.state().envelope().recipients) {
      text += (text.empty() ? "" : " ") + address.path;
    }
    return text;
  }

  CapturedLog log;
  ReceivedTransaction received;
  std::unique_ptr<Stage> stage;
  std::unique_ptr<StageSession> session;

 private:
  FakeResolver resolver_;
};

using Lines = std::vector<std::string>;

}  // namespace milterd::test
