#include "plugins/dkim/signing/message_signing.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "plugins/dkim/signature_header.hpp"
#include "plugins/dkim/signing/signer.hpp"
#include "plugins/dkim/signing/software_header.hpp"
#include "plugins/dkim/unix_time.hpp"

namespace milterd::dkim {

namespace {

constexpr std::string_view field_name = "DKIM-Signature";
constexpr std::size_t usual_prefix = 8;

ReportedSignature report_of(const Signer& signer, const SignatureMade& made) {
  ReportedSignature report;
  report.domain = signer.domain;
  report.selector = signer.selector;
  report.identity = signer.identity;
  report.algorithm = to_string(signer.key->algorithm());
  report.key_bits = signer.key->bits();
  report.result = "signed";
  report.header_b = made.signature.substr(0, usual_prefix);
  return report;
}

void log_failure(Transaction& transaction, const Signer& signer, const std::string& reason) {
  transaction.log().error(
      "dkim.signing_failed",
      {{"domain", signer.domain}, {"selector", signer.selector}, {"reason", reason}});
}

/// The lowest first: every edit moves the fields below it.
void remove_signatures(Transaction& transaction) {
  for (std::size_t i = transaction.headers().size(); i-- > 0;) {
    if (!is_signature_field(transaction.headers()[i])) {
      continue;
    }
    if (const auto removed = transaction.delete_header(i); !removed) {
      transaction.log().warn("dkim.old_signature_stays", {{"reason", removed.error().message}});
      return;
    }
  }
}

Result<MadeSignature> put_on_top(const Signer& signer, const Result<SignatureMade>& result,
                                 Transaction& transaction) {
  if (!result) {
    return std::unexpected(result.error());
  }
  if (auto inserted = transaction.insert_header(0, field_name, result->value); !inserted) {
    return std::unexpected(std::move(inserted.error()));
  }
  transaction.log().debug("dkim.signed",
                          {{"domain", signer.domain}, {"selector", signer.selector}});
  return MadeSignature{.field = std::string(field_name) + ':' + result->value,
                       .domain = signer.domain,
                       .header_hash = result->header_hash};
}

}  // namespace

Verdict MessageSigning::sign(const SigningRules& rules, const Actions& actions,
                             std::span<const Signer> signers, Transaction& transaction,
                             std::vector<ReportedSignature>& reported,
                             std::vector<std::string>& why) {
  forget();
  const auto results = sign_message(signers, rules, transaction.headers(), transaction.body(),
                                    unix_seconds(transaction.now()), transaction.deadline());
  const bool any =
      std::ranges::any_of(results, [](const auto& result) { return result.has_value(); });
  if (any && rules.remove_old_signatures) {
    remove_signatures(transaction);
  }
  std::string first_failure;
  std::vector<ReportedSignature> from_below;
  for (std::size_t i = 0; i < signers.size(); ++i) {
    if (auto put = put_on_top(signers[i], results[i], transaction)) {
      from_below.push_back(report_of(signers[i], *results[i]));
      made_.push_back(std::move(*put));
    } else {
      why.push_back(put.error().message);
      log_failure(transaction, signers[i], put.error().message);
      first_failure = first_failure.empty() ? put.error().message : first_failure;
    }
  }
  if (from_below.empty()) {
    transaction.note("dkim_result", "unsigned");
    return verdict_for(Trouble::signature_error, actions, std::move(first_failure));
  }
  if (from_below.size() < signers.size()) {
    transaction.log().warn("dkim.partly_signed", {{"made", std::to_string(from_below.size())},
                                                  {"wanted", std::to_string(signers.size())}});
  }
  reported.insert(reported.end(), std::make_move_iterator(from_below.rbegin()),
                  std::make_move_iterator(from_below.rend()));
  transaction.note("dkim_result", to_note(reported));
  if (rules.software_header) {
    add_software_header(transaction);
  }
  edits_before_ = transaction.modifications().size();
  return {};
}

void MessageSigning::warn_of_broken(Transaction& transaction) const {
  const auto edits = transaction.modifications();
  warn_of_broken_signatures(made_, edits.subspan(std::min(edits_before_, edits.size())),
                            transaction);
}

void MessageSigning::forget() noexcept {
  made_.clear();
  edits_before_ = 0;
}

}  // namespace milterd::dkim
