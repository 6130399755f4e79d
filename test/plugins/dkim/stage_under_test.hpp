#pragma once
/// A dkim stage with all it needs around it.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctest/doctest.h"
#include "milterd/stage.hpp"
#include "plugins/dkim/dkim_stage.hpp"
#include "plugins/dkim/signing_key.hpp"
#include "test/plugins/dkim/fake_resolver.hpp"
#include "test/plugins/dkim/fake_section.hpp"
#include "test/plugins/dkim/temporary_file.hpp"
#include "test/plugins/dkim/test_keys.hpp"
#include "test/support/fake_transaction.hpp"

namespace milterd::dkim::test {

using milterd::test::CapturedLog;
using milterd::test::FakeTransaction;

/// What a stage says of a message.
struct Detail {
  struct Signature {
    std::string domain, selector, algorithm, result, reason, header_b;
    std::int64_t key_bits = 0;
  };
  std::string mode;
  std::vector<std::string> why;
  std::vector<Signature> signatures;
};

inline Detail read_detail(const Value& value) {
  const auto& members = std::get<Value::Members>(value.data);
  REQUIRE(members.size() == 3);
  REQUIRE(members[0].first == "mode");
  REQUIRE(members[1].first == "why");
  REQUIRE(members[2].first == "signatures");
  Detail detail;
  detail.mode = std::get<std::string>(members[0].second.data);
  for (const Value& step : std::get<Value::List>(members[1].second.data)) {
    detail.why.push_back(std::get<std::string>(step.data));
  }
  for (const Value& one : std::get<Value::List>(members[2].second.data)) {
    const auto& signature = std::get<Value::Members>(one.data);
    const std::vector<std::string> names = {"domain", "selector", "algorithm", "key_bits",
                                            "result", "reason",   "header_b"};
    REQUIRE(signature.size() == names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      REQUIRE(signature[i].first == names[i]);
    }
    const auto text = [&signature](std::size_t i) {
      return std::get<std::string>(signature[i].second.data);
    };
    detail.signatures.push_back({.domain = text(0),
                                 .selector = text(1),
                                 .algorithm = text(2),
                                 .result = text(4),
                                 .reason = text(5),
                                 .header_b = text(6),
                                 .key_bits = std::get<std::int64_t>(signature[3].second.data)});
  }
  return detail;
}

class StageUnderTest {
 public:
  explicit StageUnderTest(FakeSection::Entries entries) {
    FakeSection section(std::move(entries));
    auto made = make_dkim_stage(
        section,
        {.name = "dkim", .log = log, .resolver = resolver, .load = Load::now, .previous = nullptr});
    REQUIRE(section.errors == std::vector<std::string>{});
    REQUIRE(made);
    stage = std::move(*made);
    session = stage->open_session();
  }

  /// Header, then the whole message; the state stays for detail().
  Verdict run(FakeTransaction& message) {
    session->on_header_complete(message);
    const auto verdict = session->on_message(message);
    REQUIRE(verdict);
    detail = read_detail(session->describe());
    session->on_transaction_end();
    return *verdict;
  }
  Verdict run(std::string_view text) {
    transaction = std::make_unique<FakeTransaction>();
    transaction->set_message(text);
    return run(*transaction);
  }

  FakeResolver resolver;
  CapturedLog log;
  std::unique_ptr<Stage> stage;
  std::unique_ptr<StageSession> session;
  std::unique_ptr<FakeTransaction> transaction;
  Detail detail;
};

inline const std::string plain_message =
    "From: Joe <joe@example.org>\r\n"
    "To: jane@example.net\r\n"
    "Subject: Hello,\r\n"
    "  world\r\n"
    "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
    "Message-ID: <1@example.org>\r\n"
    "\r\n"
    "A line with  blanks \r\n"
    "\r\n"
    "and another.\r\n"
    "\r\n";

/// The message as a stage for example.org, selector s1, signs it.
inline std::string signed_message(const std::string& message, const char* key = rsa_2048_key,
                                  const std::string& canonicalization = "relaxed/relaxed") {
  const TemporaryFile file(key);
  StageUnderTest signer({{"domain", {"example.org"}},
                         {"selector", {"s1"}},
                         {"key_file", {file.path()}},
                         {"canonicalization", {canonicalization}}});
  FakeTransaction transaction;
  transaction.session_facts.client_address = "127.0.0.1";
  transaction.set_message(message);
  const Verdict verdict = signer.run(transaction);
  REQUIRE(verdict.action == Action::proceed);
  REQUIRE(signer.detail.mode == "sign");
  REQUIRE(signer.detail.signatures.size() == 1);
  return transaction.message();
}

/// The key record of one of the test keys.
inline std::string record_of(const char* key) {
  const auto parsed = SigningKey::parse(key, "test key");
  REQUIRE(parsed);
  return parsed->public_record();
}

}  // namespace milterd::dkim::test
