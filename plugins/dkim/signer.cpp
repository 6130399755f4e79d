#include "plugins/dkim/signer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "milterd/ascii.hpp"
#include "plugins/dkim/message_hash.hpp"
#include "plugins/dkim/opendkim.hpp"

namespace milterd::dkim {

namespace {

/// RFC 6376 section 5.4.1, with Message-ID and the MIME fields. Trace and list software changes
/// none of them.
constexpr std::array<std::string_view, 29> signed_names = {
    "From",
    "Sender",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "To",
    "Cc",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-ID",
    "Content-Description",
    "Content-Disposition",
    "Resent-Date",
    "Resent-From",
    "Resent-Sender",
    "Resent-To",
    "Resent-Cc",
    "Resent-Message-ID",
    "List-Id",
    "List-Help",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Subscribe",
    "List-Post",
    "List-Owner",
};

/// A name that comes more often is signed this many times, the lowest ones (RFC 6376
/// section 5.4.2).
constexpr std::size_t most_of_a_name = 8;

constexpr std::size_t line_width = 75;
constexpr std::string_view fold = "\r\n\t";

/// Puts tags together, in lines that end before the margin.
class FoldedTags {
 public:
  explicit FoldedTags(std::string start) : text_(std::move(start)), column_(text_.size()) {}

  /// "; " goes in front of all but the first.
  void add(std::string_view tag) {
    if (!first_) {
      append(";");
      begin_on_new_line_unless_fits(tag.size() + 2);
      if (!at_line_begin_) {
        append(" ");
      }
    }
    first_ = false;
    append(tag);
  }

  /// More of the last tag's value; may go on a new line in front of it.
  void add_to_value(std::string_view part) {
    begin_on_new_line_unless_fits(part.size());
    append(part);
  }

  /// Text that may be broken anywhere.
  void add_breakable(std::string_view text) {
    while (!text.empty()) {
      if (column_ >= line_width) {
        new_line();
      }
      const std::string_view part = text.substr(0, line_width - column_);
      append(part);
      text.remove_prefix(part.size());
    }
  }

  std::string take() { return std::move(text_); }
  const std::string& text() const { return text_; }

 private:
  void append(std::string_view part) {
    text_ += part;
    column_ += part.size();
    at_line_begin_ = false;
  }
  void new_line() {
    text_ += fold;
    column_ = 8;
    at_line_begin_ = true;
  }
  void begin_on_new_line_unless_fits(std::size_t size) {
    if (column_ + size > line_width) {
      new_line();
    }
  }

  std::string text_;
  std::size_t column_;
  bool first_ = true;
  bool at_line_begin_ = false;
};

std::vector<std::string_view> names_to_sign(std::span<const HeaderField> headers) {
  std::array<std::size_t, signed_names.size()> counts{};
  for (const HeaderField& field : headers) {
    if (!is_feedable(field)) {
      continue;
    }
    const std::string_view name = trimmed_name(field);
    const auto* found = std::ranges::find_if(signed_names, [name](std::string_view candidate) {
      return equal_ignoring_case(candidate, name);
    });
    if (found != signed_names.end()) {
      std::size_t& count = counts[static_cast<std::size_t>(found - signed_names.begin())];
      count = std::min(count + 1, most_of_a_name);
    }
  }
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < signed_names.size(); ++i) {
    names.insert(names.end(), counts[i], signed_names[i]);
  }
  names.emplace_back("From");
  return names;
}

}  // namespace

Result<SignatureMade> sign_message(const SigningKey& key, const SigningIdentity& identity,
                                   const Canonicalization& canonicalization,
                                   std::span<const HeaderField> headers, std::string_view body,
                                   std::uint64_t time,
                                   std::chrono::steady_clock::time_point deadline) {
  auto body_hash = hash_body(canonicalization.body, body, deadline);
  if (!body_hash) {
    return std::unexpected(std::move(body_hash.error()));
  }
  const std::string name = "DKIM-Signature:";
  FoldedTags tags(name + ' ');
  tags.add("v=1");
  tags.add(std::string("a=") + to_string(key.algorithm()));
  tags.add("c=" + canonicalization.header + '/' + canonicalization.body);
  tags.add("d=" + identity.domain);
  tags.add("s=" + identity.selector);
  tags.add("t=" + std::to_string(time));
  tags.add("bh=" + *body_hash);
  bool first = true;
  for (const std::string_view signed_name : names_to_sign(headers)) {
    if (first) {
      tags.add("h=" + std::string(signed_name));
      first = false;
    } else {
      tags.add_to_value(":" + std::string(signed_name));
    }
  }
  tags.add("b=");
  auto hash = hash_header(headers, tags.text() + "AAAA");
  if (!hash) {
    return std::unexpected(std::move(hash.error()));
  }
  auto signature = key.sign(*hash);
  if (!signature) {
    return std::unexpected(std::move(signature.error()));
  }
  tags.add_breakable(*signature);
  return SignatureMade{.value = tags.take().substr(name.size()),
                       .signature = std::move(*signature)};
}

}  // namespace milterd::dkim
