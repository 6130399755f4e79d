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
#include <vector>

#include "plugins/dkim/dkim_stage.hpp"
#include "test/support/fake_resolver.hpp"
#include "test/support/received_transaction.hpp"
#include "test/support/stage_table.hpp"

using namespace milterd;
using milterd::test::FakeResolver;
using milterd::test::ReceivedTransaction;
using milterd::test::StageTable;

int main(int count, char** arguments) {
  const std::string mode = count > 1 ? arguments[1] : "";
  std::string keys;
  if (mode == "sign" && count == 4) {
    keys = std::string("domain = 'example.org'\nselector = 's1'\nkey_file = '") + arguments[2] +
           "'\ncanonicalization = '" + arguments[3] + "'\n";
  } else if (mode == "verify" && count == 3) {
    keys = std::string("test_public_keys = '") + arguments[2] + "'\n";
  } else {
    std::cerr << "usage: signing_command sign KEY_FILE CANONICALIZATION | verify KEYS_FILE\n";
    return 64;
  }
  StageTable table(keys);
  FakeResolver resolver;
  ReceivedTransaction received("127.0.0.1");
  const auto stage = milterd::dkim::make_dkim_stage(table.section(), {.name = "dkim",
                                                                      .log = received.log,
                                                                      .resolver = resolver,
                                                                      .load = Load::now,
                                                                      .previous = nullptr});
  const std::vector<std::string> errors = table.errors();
  for (const std::string& error : errors) {
    std::cerr << error << "\n";
  }
  if (!stage || !errors.empty()) {
    return 78;
  }
  const auto session = (*stage)->open_session();
  std::string size;
  while (std::getline(std::cin, size)) {
    std::string text(std::stoul(size), '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    TransactionState& transaction = received.receive(text, session.get());
    if (const auto verdict = session->on_message(transaction); !verdict) {
      std::cerr << verdict.error().message << "\n";
      return 70;
    }
    session->on_transaction_end();
    if (mode == "sign") {
      const std::string message = received.message();
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
