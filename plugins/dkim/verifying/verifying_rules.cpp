#include "plugins/dkim/verifying/verifying_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "milterd/ascii.hpp"
#include "plugins/common/data_set.hpp"

namespace milterd::dkim {

namespace {

using KeyAction = VerifyingRules::KeyAction;

constexpr std::size_t fewest_safe_bits = 1024;  // RFC 8301 section 3.2.
constexpr std::size_t most_bits = 16384;        // More than that OpenSSL refuses.
constexpr std::uint64_t most_signatures = 100;

std::optional<LeastSigned> parse_least_signed(std::string_view text) {
  LeastSigned least{.kind = LeastSigned::Kind::bytes, .amount = 0};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, least.amount);
  if (error != std::errc{}) {
    return std::nullopt;
  }
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  if (unit == "%" && least.amount <= 100) {
    least.kind = LeastSigned::Kind::percent;
  } else if (unit == "+") {
    least.kind = LeastSigned::Kind::unsigned_bytes;
  } else if (!unit.empty()) {
    return std::nullopt;
  }
  return least;
}

LeastSigned read_minimum(Section& section) {
  const auto least = parse_least_signed(section.string("minimum", "100%"));
  if (!least) {
    section.error("minimum",
                  "takes a number of bytes (\"1000\"), a share of the body (\"80%\") or how many "
                  "bytes may be unsigned (\"0+\")");
  }
  return least.value_or(LeastSigned{});
}

std::size_t read_count(Section& section, std::string_view key) {
  return static_cast<std::size_t>(section.integer(key, 10, 1, most_signatures));
}

std::size_t read_minimum_key_bits(Section& section) {
  const auto bits =
      static_cast<std::size_t>(section.integer("minimum_key_bits", fewest_safe_bits, 0, most_bits));
  if (bits > 0 && bits < fewest_safe_bits) {
    section.error("minimum_key_bits", "takes 1024 to 16384, or 0 for any size");
  }
  return bits;
}

bool is_field_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7f && c != ':' && c != '*';
  });
}

/// Names, or data sets of names in opendkim's form.
std::vector<std::string> read_must_be_signed(Section& section) {
  constexpr std::string_view key = "must_be_signed";
  std::vector<std::string> names;
  const auto add = [&](const std::string& name, const std::string& place) {
    if (is_field_name(name)) {
      names.push_back(name);
    } else {
      section.error(key, place + "'" + name + "' is not the name of a header field");
    }
  };
  for (const std::string& text : section.strings(key, {})) {
    if (!DataSet::is_specification(text)) {
      add(text, "");
    } else if (const auto set = DataSet::read(text); !set) {
      section.error(key, set.error().message);
    } else {
      for (const DataEntry& entry : set->entries) {
        add(entry.key, entry.place + ": ");
      }
    }
  }
  return names;
}

KeyAction read_key_action(Section& section, std::string_view key, KeyAction usual) {
  constexpr std::array actions = {KeyAction::none, KeyAction::neutral, KeyAction::fail};
  return actions[section.choice(key, static_cast<std::size_t>(usual), {"none", "neutral", "fail"})];
}

Alignment read_alignment(Section& section, bool wanted) {
  const bool is_relaxed = section.choice("alignment", 0, {"relaxed", "strict"}) == 0;
  if (!is_relaxed || !wanted) {
    return Alignment::strict();
  }
  auto relaxed = Alignment::relaxed();
  if (!relaxed) {
    section.warning("alignment", relaxed.error().message +
                                     ": install the package publicsuffix; until then the domains "
                                     "have to be the same (\"strict\")");
    return Alignment::strict();
  }
  return std::move(*relaxed);
}

}  // namespace

VerifyingRules read_verifying_rules(Section& section) {
  VerifyingRules rules;
  rules.maximum_signatures = read_count(section, "maximum_signatures_to_verify");
  rules.maximum_domains = read_count(section, "maximum_domains_to_verify");
  rules.minimum_key_bits = read_minimum_key_bits(section);
  using namespace std::chrono_literals;
  rules.clock_drift = std::chrono::floor<std::chrono::seconds>(
      section.duration("clock_drift", rules.clock_drift, 0s, 24h));
  rules.allow_sha1 = section.boolean("allow_sha1", false);
  rules.minimum = read_minimum(section);
  rules.must_be_signed = read_must_be_signed(section);
  rules.bogus_key = read_key_action(section, "bogus_key", KeyAction::fail);
  rules.unprotected_key = read_key_action(section, "unprotected_key", KeyAction::none);
  rules.always_add_ar_header = section.boolean("always_add_ar_header", true);
  rules.opendkim_words = section.choice("compat", 0, {"rfc8601", "opendkim"}) == 1;
  constexpr std::array refusals = {Action::proceed, Action::reject, Action::tempfail};
  rules.require_aligned_pass =
      refusals[section.choice("require_aligned_pass", 0, {"no", "reject", "tempfail"})];
  rules.alignment = read_alignment(section, rules.require_aligned_pass != Action::proceed);
  constexpr std::array actions = {Action::accept, Action::reject, Action::tempfail, Action::discard,
                                  Action::quarantine};
  rules.on_malformed_from = actions[section.choice(
      "on_malformed_from", 0, {"accept", "reject", "tempfail", "discard", "quarantine"})];
  return rules;
}

}  // namespace milterd::dkim
