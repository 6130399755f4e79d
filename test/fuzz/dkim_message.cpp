#include "test/fuzz/dkim_message.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "milterd/resolver.hpp"
#include "milterd/transaction.hpp"
#include "plugins/dkim/signature_header.hpp"
#include "plugins/dkim/verifying/key_record.hpp"
#include "plugins/dkim/verifying/verifier.hpp"
#include "test/fuzz/fuzz_target.hpp"

namespace milterd::fuzz {

void verify_message(std::string_view signature, const std::string& record) {
  const auto verifier = dkim::Verifier::open();
  require(verifier.has_value(), "libopendkim can be opened");
  constexpr std::string_view name = "DKIM-Signature";
  const std::string field = std::string(name) + ":" + std::string(signature);
  const std::array headers = {HeaderField(field, name.size()),
                              HeaderField("From: a@example.org", 4),
                              HeaderField("Subject: test", 7)};
  const dkim::Signatures signatures = dkim::find_signatures(headers);
  require(signatures.entries.size() == 1, "every signature has an entry");

  TxtAnswer answer;
  answer.status = TxtAnswer::Status::found;
  answer.records.push_back(record);
  const std::vector keys = {
      dkim::choose_key_record(answer, signatures.entries.front().header.known_algorithm)};
  const auto facts = verifier->verify(headers, "body\r\n", signatures, keys,
                                      std::chrono::steady_clock::now() + std::chrono::hours(1));
  require(facts.has_value(), "verification gives an answer");
  require(facts->size() == 1, "every signature has its fact");
  require(facts->front().outcome != dkim::SignatureFacts::Outcome::verified,
          "a signature that nobody made does not verify");
}

}  // namespace milterd::fuzz
