#include "plugins/dkim/signing/signed_headers.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "milterd/ascii.hpp"
#include "plugins/dkim/opendkim.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

namespace {

/// A name that comes more often is signed this many times, the lowest ones (RFC 6376
/// section 5.4.2).
constexpr std::size_t most_of_a_name = 8;
/// libopendkim cuts h= at 4,096 bytes, and our own verifier takes 256 names.
constexpr std::size_t longest_list = 3800;
constexpr std::size_t most_names = 250;

constexpr std::string_view from = "From";

struct CountedName {
  std::string_view name;
  std::size_t there = 0;
  bool oversigned = false;
};

class CountedNames {
 public:
  CountedName* find(std::string_view name) {
    const auto found = std::ranges::find_if(
        names_, [name](const CountedName& one) { return equal_ignoring_case(one.name, name); });
    return found == names_.end() ? nullptr : &*found;
  }
  CountedName& add(std::string_view name) {
    CountedName* found = find(name);
    return found != nullptr ? *found : names_.emplace_back(CountedName{.name = name});
  }
  const std::vector<CountedName>& all() const { return names_; }

 private:
  std::vector<CountedName> names_;
};

/// The names that the rules say, not yet counted.
CountedNames names_of(const SigningRules& rules) {
  CountedNames names;
  names.add(from);
  for (const std::string& name : rules.sign_headers) {
    names.add(name);
  }
  for (const std::string& name : rules.oversign_headers) {
    names.add(name).oversigned = true;
  }
  return names;
}

bool fits_a_pattern(const SigningRules& rules, std::string_view name) {
  return std::ranges::any_of(rules.sign_patterns,
                             [name](const NamePattern& one) { return one.matches(name); }) &&
         !rules.omit_headers.contains(name);
}

void count(const SigningRules& rules, std::span<const HeaderField> headers, CountedNames& names) {
  for (const HeaderField& field : headers) {
    const std::string_view name = trimmed_name(field);
    if (!is_feedable(field) || is_signature_field(field) || !can_be_signed(name)) {
      continue;
    }
    CountedName* found = names.find(name);
    if (found == nullptr && fits_a_pattern(rules, name)) {
      found = &names.add(name);
    }
    if (found != nullptr) {
      found->there = std::min(found->there + 1, most_of_a_name);
    }
  }
}

}  // namespace

bool can_be_signed(std::string_view name) {
  return !name.empty() && name.size() <= longest_signed_name &&
         std::ranges::all_of(name,
                             [](char c) { return c > ' ' && c < 0x7f && c != ':' && c != ';'; });
}

std::vector<std::string_view> names_to_sign(const SigningRules& rules,
                                            std::span<const HeaderField> headers) {
  CountedNames counted = names_of(rules);
  count(rules, headers, counted);
  std::vector<std::string_view> names;
  std::vector<std::string_view> once_more;
  std::size_t size = 0;
  for (const CountedName& one : counted.all()) {
    // A signature has to name From, even where there is none.
    const bool more = one.oversigned || (one.there == 0 && one.name == from);
    const std::size_t times = one.there + (more ? 1 : 0);
    const std::size_t bytes = times * (one.name.size() + 1);
    // All of a name or none: a part of it would be no protection.
    if (names.size() + once_more.size() + times > most_names || size + bytes > longest_list) {
      continue;
    }
    size += bytes;
    names.insert(names.end(), one.there, one.name);
    if (more) {
      once_more.push_back(one.name);
    }
  }
  names.insert(names.end(), once_more.begin(), once_more.end());
  return names;
}

}  // namespace milterd::dkim
