/// The stage as a filter of messages, for the comparison with other implementations.
///
///     signing_command sign KEY_FILE CANONICALIZATION     as selector s1 of example.org
///     signing_command verify KEYS_FILE                   keys in the format of test_public_keys
///
/// Standard input and output are messages, each after a line that says its bytes; "verify" writes a
/// line of results for each instead.

#include <cstdio>
#include <iostream>
#include <string>

#include "plugins/dkim/dkim_stage.hpp"
#include "test/plugins/dkim/fake_resolver.hpp"
#include "test/plugins/dkim/fake_section.hpp"
#include "test/support/fake_transaction.hpp"

using namespace milterd;
using milterd::dkim::test::FakeResolver;
using milterd::dkim::test::FakeSection;
using milterd::test::CapturedLog;
using milterd::test::FakeTransaction;

int main(int count, char** arguments) {
  const std::string mode = count > 1 ? arguments[1] : "";
  FakeSection::Entries entries;
  if (mode == "sign" && count == 4) {
    entries = {{"domain", {"example.org"}},
               {"selector", {"s1"}},
               {"key_file", {arguments[2]}},
               {"canonicalization", {arguments[3]}}};
  } else if (mode == "verify" && count == 3) {
    entries["test_public_keys"] = {arguments[2]};
  } else {
    std::cerr << "usage: signing_command sign KEY_FILE CANONICALIZATION | verify KEYS_FILE\n";
    return 64;
  }
  FakeSection section(entries);
  FakeResolver resolver;
  CapturedLog log;
  const auto stage = milterd::dkim::make_dkim_stage(
      section,
      {.name = "dkim", .log = log, .resolver = resolver, .load = Load::now, .previous = nullptr});
  for (const std::string& error : section.errors) {
    std::cerr << error << "\n";
  }
  if (!stage || !section.errors.empty()) {
    return 78;
  }
  const auto session = (*stage)->open_session();
  std::string size;
  while (std::getline(std::cin, size)) {
    std::string text(std::stoul(size), '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    FakeTransaction transaction;
    transaction.session_facts.client_address = "127.0.0.1";
    transaction.set_message(text);
    session->on_header_complete(transaction);
    if (const auto verdict = session->on_message(transaction); !verdict) {
      std::cerr << verdict.error().message << "\n";
      return 70;
    }
    session->on_transaction_end();
    if (mode == "sign") {
      const std::string message = transaction.message();
      std::cout << message.size() << "\n" << message;
      continue;
    }
    for (const AuthResult& result : transaction.auth_results()) {
      std::cout << result.result << " ";
    }
    std::cout << "\n";
  }
  return 0;
}
