#pragma once
/// A dkim stage with all it needs around it.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctest/doctest.h"
#include "milterd/stage.hpp"
#include "plugins/dkim/dkim_stage.hpp"
#include "plugins/dkim/keys/signing_key.hpp"
#include "test/plugins/dkim/temporary_file.hpp"
#include "test/plugins/dkim/test_keys.hpp"
#include "test/support/fake_resolver.hpp"
#include "test/support/received_transaction.hpp"
#include "test/support/stage_table.hpp"

namespace milterd::dkim::test {

using milterd::test::FakeResolver;
using milterd::test::ReceivedTransaction;
using milterd::test::StageTable;

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
  /// `keys` are lines of TOML.
  explicit StageUnderTest(const std::string& keys = "") {
    StageTable table(keys);
    auto made = make_dkim_stage(table.section(), {.name = "dkim",
                                                  .log = received.log,
                                                  .resolver = resolver,
                                                  .load = Load::now,
                                                  .previous = nullptr});
    REQUIRE(table.errors() == std::vector<std::string>{});
    REQUIRE(made);
    stage = std::move(*made);
    session = stage->open_session();
  }

  /// A whole message; the transaction and `detail` stay.
  Verdict run(std::string_view text) {
    const auto verdict = session->on_message(received.receive(text, session.get()));
    REQUIRE(verdict);
    detail = read_detail(session->describe());
    session->on_transaction_end();
    return *verdict;
  }

  FakeResolver resolver;
  ReceivedTransaction received;
  std::unique_ptr<Stage> stage;
  std::unique_ptr<StageSession> session;
  Detail detail;
};

inline std::chrono::system_clock::time_point unix_time(std::int64_t seconds) {
  return std::chrono::system_clock::time_point(std::chrono::seconds(seconds));
}

inline constexpr const char* key_name = "s1._domainkey.example.org";

/// The key record of one of the test keys.
inline std::string record_of(const char* key) {
  const auto parsed = SigningKey::parse(key, "test key");
  REQUIRE(parsed);
  return parsed->public_record();
}

/// Signs for example.org, selector s1, what comes from this host itself.
struct SigningStage : StageUnderTest {
  explicit SigningStage(const char* key = rsa_2048_key, const std::string& more_keys = "")
      : StageUnderTest("domain = 'example.org'\nselector = 's1'\nkey_file = '" +
                       TemporaryFile(key).path() + "'\n" + more_keys) {
    received.session.client_address = "127.0.0.1";
  }
};

/// Finds the record of `key` where SigningStage's signatures say it is.
struct VerifyingStage : StageUnderTest {
  explicit VerifyingStage(const char* key = rsa_2048_key) {
    resolver.set_records(key_name, {record_of(key)});
  }
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

/// The message as a SigningStage signs it.
inline std::string signed_message(const std::string& message, const char* key = rsa_2048_key,
                                  const std::string& canonicalization = "relaxed/relaxed") {
  SigningStage signer(key, "canonicalization = '" + canonicalization + "'\n");
  const Verdict verdict = signer.run(message);
  REQUIRE(verdict.action == Action::proceed);
  REQUIRE(signer.detail.mode == "sign");
  REQUIRE(signer.detail.signatures.size() == 1);
  return signer.received.message();
}

}  // namespace milterd::dkim::test
