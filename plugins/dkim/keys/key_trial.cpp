#include "plugins/dkim/keys/key_trial.hpp"

#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "plugins/dkim/signing/signer.hpp"
#include "plugins/dkim/verifying/key_record.hpp"
#include "plugins/dkim/verifying/verifier.hpp"

namespace milterd::dkim {

Result<> try_key(const Signer& signer) {
  using namespace std::chrono_literals;
  constexpr std::string_view from = "From: postmaster@example.org";
  constexpr std::string_view subject = "Subject: trial";
  constexpr std::string_view body = "A message that is never sent.\r\n";
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  std::vector<HeaderField> headers = {{from, 4}, {subject, 7}};
  auto made =
      std::move(sign_message({&signer, 1}, {}, headers, body, usual_earliest, deadline).front());
  if (!made) {
    return std::unexpected(std::move(made.error()));
  }
  const std::string_view name = "DKIM-Signature";
  const std::string field = std::string(name) + ':' + made->value;
  headers.insert(headers.begin(), HeaderField(field, name.size()));
  const Signatures signatures = find_signatures(headers);
  TxtAnswer answer;
  answer.status = TxtAnswer::Status::found;
  answer.records = {signer.key->public_record()};
  const std::array<KeyRecord, 1> records = {choose_key_record(answer, signer.key->algorithm())};
  auto verifier = Verifier::open();
  if (!verifier) {
    return std::unexpected(std::move(verifier.error()));
  }
  const auto facts = verifier->verify(headers, body, signatures, records, deadline);
  if (!facts) {
    return std::unexpected(facts.error());
  }
  if (facts->size() != 1 || facts->front().outcome != SignatureFacts::Outcome::verified) {
    return fail("a trial signature does not verify: " +
                (facts->empty() ? "it is not found" : facts->front().reason));
  }
  return {};
}

}  // namespace milterd::dkim
