#pragma once
/// Tells in a few nanoseconds that a pattern cannot match, from three-letter groups of its required
/// text that the key does not have.

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace milterd::header_checks {

using TrigramHash = std::uint16_t;
inline constexpr std::size_t trigram_hashes = std::size_t{1} << 15U;

/// The trigrams of one key, letter case aside.
class KeyTrigrams {
 public:
  void assign(std::string_view key);
  bool contains(TrigramHash hash) const { return present_[hash]; }

 private:
  std::bitset<trigram_hashes> present_;
};

/// A few trigrams of what one pattern requires.
class Prefilter {
 public:
  /// Lets everything pass.
  Prefilter() = default;
  /// `pieces` as of required_text().
  explicit Prefilter(std::span<const std::string> pieces);

  /// False: the pattern does not match the key. True says nothing.
  bool may_match(const KeyTrigrams& key) const {
    return key.contains(needed_[0]) && key.contains(needed_[1]) && key.contains(needed_[2]) &&
           key.contains(needed_[3]);
  }

 private:
  /// 0, which every key is made to have, where there are fewer.
  std::array<TrigramHash, 4> needed_{};
};

}  // namespace milterd::header_checks
