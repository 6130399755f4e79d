#pragma once
/// A dkim table made of literals.

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milterd/section.hpp"

namespace milterd::dkim::test {

/// Every value is a list of strings, one for a plain string. Faults are kept as "key: text".
class FakeSection final : public Section {
 public:
  using Entries = std::map<std::string, std::vector<std::string>, std::less<>>;
  explicit FakeSection(Entries entries) : entries_(std::move(entries)) {}

  bool has(std::string_view key) const override { return entries_.contains(key); }
  std::string string(std::string_view key, std::string_view otherwise) override {
    const auto found = entries_.find(key);
    return found == entries_.end() ? std::string(otherwise) : found->second.front();
  }
  std::vector<std::string> strings(std::string_view key,
                                   std::initializer_list<std::string_view> otherwise) override {
    const auto found = entries_.find(key);
    return found == entries_.end() ? std::vector<std::string>(otherwise.begin(), otherwise.end())
                                   : found->second;
  }
  std::size_t choice(std::string_view key, std::size_t otherwise,
                     std::initializer_list<std::string_view> words) override {
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
      return otherwise;
    }
    const auto* word = std::ranges::find(words, found->second.front());
    if (word == words.end()) {
      error(key, "no such word");
      return otherwise;
    }
    return static_cast<std::size_t>(word - words.begin());
  }

  bool boolean(std::string_view /*key*/, bool otherwise) override { return otherwise; }
  std::int64_t integer(std::string_view /*key*/, std::int64_t otherwise, std::int64_t /*least*/,
                       std::int64_t /*most*/) override {
    return otherwise;
  }
  std::chrono::milliseconds duration(std::string_view /*key*/, std::chrono::milliseconds otherwise,
                                     std::chrono::milliseconds /*least*/,
                                     std::chrono::milliseconds /*most*/) override {
    return otherwise;
  }
  std::uint64_t size(std::string_view /*key*/, std::uint64_t otherwise, std::uint64_t /*least*/,
                     std::uint64_t /*most*/) override {
    return otherwise;
  }
  std::vector<Section*> tables(std::string_view /*key*/) override { return {}; }

  void error(std::string_view key, std::string_view text) override {
    errors.push_back(std::string(key) + ": " + std::string(text));
  }
  void warning(std::string_view key, std::string_view text) override {
    warnings.push_back(std::string(key) + ": " + std::string(text));
  }

  std::vector<std::string> errors;
  std::vector<std::string> warnings;

 private:
  Entries entries_;
};

}  // namespace milterd::dkim::test
