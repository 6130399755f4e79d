#include "plugins/dkim/signing/broken_signatures.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "milterd/ascii.hpp"
#include "plugins/dkim/signing/message_hash.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

using Op = Modification::Op;

constexpr std::string_view signature_name = "DKIM-Signature";

bool edits_header(const Modification& edit) {
  return edit.op == Op::add_header || edit.op == Op::insert_header ||
         edit.op == Op::change_header || edit.op == Op::delete_header;
}

/// In a list with colons.
bool names(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t colon = list.find(':');
    if (equal_ignoring_case(list.substr(0, colon), name)) {
      return true;
    }
    list = colon == std::string_view::npos ? std::string_view{} : list.substr(colon + 1);
  }
  return false;
}

/// What an edit may break.
bool touches_header(const Modification& edit, std::string_view signed_names) {
  return edits_header(edit) && names(signed_names, edit.name);
}
bool touches_signature(const Modification& edit) {
  return (edit.op == Op::change_header || edit.op == Op::delete_header) &&
         equal_ignoring_case(edit.name, signature_name);
}
bool touches_body(const Modification& edit) { return edit.op == Op::replace_body; }

std::string_view value_of(const std::string& field) {
  return std::string_view(field).substr(signature_name.size() + 1);
}

/// The hash of the body as it is now, in the way of the signature; "" if it cannot be made.
std::string body_hash_now(const TagList& tags, const Transaction& transaction) {
  const std::string& canonicalization = *tags.find("c");
  std::optional<std::uint64_t> length;
  if (const std::string* text = tags.find("l"); text != nullptr) {
    std::from_chars(text->data(), text->data() + text->size(), length.emplace());
  }
  const std::string_view body_word =
      std::string_view(canonicalization).substr(canonicalization.find('/') + 1);
  return hash_body(body_word, transaction.body(), length, transaction.deadline()).value_or("");
}

std::string joined_domains(std::span<const MadeSignature> made, const std::vector<bool>& broken) {
  std::string domains;
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (broken[i] && !names(domains, made[i].domain)) {
      domains += (domains.empty() ? "" : ":") + made[i].domain;
    }
  }
  std::ranges::replace(domains, ':', ',');
  return domains;
}

}  // namespace

void warn_of_broken_signatures(std::span<const MadeSignature> made,
                               std::span<const Modification> edits, Transaction& transaction) {
  if (made.empty() || edits.empty()) {
    return;
  }
  const auto tags = TagList::parse(value_of(made.front().field));
  if (!tags) {
    return;
  }
  const std::string& signed_names = *tags->find("h");
  const auto any = [&edits](auto touches) { return std::ranges::any_of(edits, touches); };
  std::vector<bool> header(made.size()), body(made.size()), removed(made.size());
  if (any([&](const Modification& edit) { return touches_header(edit, signed_names); })) {
    std::vector<std::string> fields;
    for (const MadeSignature& one : made) {
      fields.push_back(one.field);
    }
    const auto hashes = hash_headers(transaction.headers(), fields);
    for (std::size_t i = 0; i < made.size(); ++i) {
      header[i] = hashes[i] && *hashes[i] != made[i].header_hash;
    }
  }
  if (any(touches_body)) {
    const bool differs = body_hash_now(*tags, transaction) != *tags->find("bh");
    body.assign(made.size(), differs);
  }
  if (any(touches_signature)) {
    for (std::size_t i = 0; i < made.size(); ++i) {
      removed[i] = std::ranges::none_of(transaction.headers(), [&](const HeaderField& field) {
        return field.text() == made[i].field;
      });
    }
  }
  for (const Modification& edit : edits) {
    const std::vector<bool>* broken = touches_header(edit, signed_names) ? &header
                                      : touches_signature(edit)          ? &removed
                                      : touches_body(edit)               ? &body
                                                                         : nullptr;
    if (broken == nullptr || std::ranges::find(*broken, true) == broken->end()) {
      continue;
    }
    transaction.log().warn(
        "dkim.signature_broken",
        {{"by", transaction.stage_name(edit.stage)},
         {"op", to_string(edit.op)},
         {"header", edit.name},
         {"domain", joined_domains(made, *broken)},
         {"advice",
          "the signature was made before this edit; put sign_at = \"end\" into the "
          "dkim stage, or the stage that edits before it"}});
  }
}

}  // namespace milterd::dkim
